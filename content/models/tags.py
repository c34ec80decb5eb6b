"""What stands beside taggit's tags: other names of one, and names an editor refused."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag

from content.models.items import Item


class TagSynonym(models.Model):
    """Another name of a tag: who types it means the tag, and so does its address."""

    name = models.CharField(_("other name"), max_length=100)
    slug = models.SlugField(
        _("name in the address"), max_length=100, blank=True, allow_unicode=True
    )
    tag = models.ForeignKey(
        Tag, on_delete=models.CASCADE, related_name="synonyms", verbose_name=_("tag")
    )

    class Meta:
        verbose_name = _("other name of a tag")
        verbose_name_plural = _("other names of tags")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="tag_synonym_means_one",
                violation_error_message=_("It is another name of a tag already."),
            ),
        ]

    def __str__(self):
        return self.name

    def clean(self):
        """A trigger holds it against two who save at once: see the migration."""
        if Tag.objects.filter(name__iexact=self.name).exists():
            raise ValidationError({"name": _("It is the name of a tag: merge them.")})


class TagRefusal(models.Model):
    """That a proposed tag does not fit an item: it is not proposed again."""

    item = models.ForeignKey(
        Item, on_delete=models.CASCADE, related_name="refused_tags"
    )
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "name"], name="tag_refused_once"),
        ]

    def __str__(self):
        return self.name
