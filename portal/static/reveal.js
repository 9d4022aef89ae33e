/* Adds a show/hide button beside every password field; without script the fields work as they are. */
for (const field of document.querySelectorAll("input[type=password][data-show]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-quiet";
  button.textContent = field.dataset.show;
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-controls", field.id);
  const row = document.createElement("div");
  row.className = "secret";
  field.replaceWith(row);
  row.append(field, button);
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  };
  button.addEventListener("click", () => show(field.type === "password"));
  // A browser offers to save, and never keeps in its history, only what is a password field when sent.
  field.form?.addEventListener("submit", () => show(false));
}
