from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0043_challenges"),
    ]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("message", "Somebody wrote to you"),
                    ("sanctioned", "Something was decided about you"),
                    ("appeal_decided", "Your appeal was looked at"),
                    ("title_given", "You were given a title"),
                    ("anniversary", "You have been here for another year"),
                    ("replied", "Somebody replied"),
                    ("mentioned", "Somebody mentioned you"),
                    ("topic_started", "A new topic in a space you follow"),
                    ("announced", "An announcement in a space of yours"),
                    ("topic_moved", "Your topic stands elsewhere now"),
                    ("topic_featured", "Your topic is one of the best"),
                    ("invited", "You are invited into a space"),
                    ("answer_accepted", "Your answer was accepted"),
                    ("poll_closed", "A poll you voted in has ended"),
                    ("held_accepted", "What you wrote was let through"),
                    ("held_rejected", "What you wrote was not let through"),
                    ("post_hidden", "A post of yours was hidden"),
                    ("report_decided", "What you reported was looked at"),
                    ("answer_checked", "An expert marked your answer as right"),
                    ("question_assigned", "You are asked to answer a question"),
                    ("question_due", "A question you should answer is due soon"),
                    ("question_overdue", "A question is past its target time"),
                    ("paid_question_asked", "A paid question for you"),
                    ("paid_question_due", "A paid question is due soon"),
                    ("paid_question_answered", "Your question is answered"),
                    ("paid_question_more", "More about a paid question"),
                    ("paid_question_ended", "A paid question ended without an answer"),
                    ("bounty_won", "Your answer won a bounty"),
                    ("bounty_back", "Your bounty came back"),
                    ("feedback_answered", "Your feedback was answered"),
                    ("suggestion_answered", "A suggestion was answered"),
                    ("change_made", "What you asked for was done"),
                    ("survey_asked", "You are asked a few questions"),
                    ("theme_chosen", "A theme you wanted was chosen"),
                    ("theme_declined", "Your theme was not chosen"),
                    ("event_seat", "A seat at an event is kept for you"),
                    ("event_changed", "An event takes place otherwise"),
                    ("event_cancelled", "An event was cancelled"),
                    ("event_soon", "An event begins soon"),
                    ("event_begins", "An event begins now"),
                ],
                max_length=30,
                verbose_name="kind",
            ),
        ),
    ]
