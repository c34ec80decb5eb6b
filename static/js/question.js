// The form of a question shows what its kind needs, and nothing else. Without it all
// fields are there, and the help beside each says when it is needed.
(() => {
  const kinds = document.querySelectorAll("form[data-question] [name=kind]");
  const show = (name, isShown) => {
    document.getElementById(`id_${name}`).closest(".field").hidden = !isShown;
  };
  const fit = () => {
    const chosen = [...kinds].find((kind) => kind.checked);
    if (!chosen) return;
    const isNumber = chosen.value === "numeric";
    show("answers", !isNumber);
    show("number", isNumber);
    show("tolerance", isNumber);
  };
  for (const kind of kinds) kind.addEventListener("change", fit);
  for (const name of kinds.length ? ["answers", "number"] : []) {
    const field = document.getElementById(`id_${name}`).closest(".field");
    field.querySelector(".field__optional")?.remove(); // where it is shown, it is needed
  }
  fit();
})();
