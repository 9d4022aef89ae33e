/* Fills a text module in where one is writing, without asking the server. Without it the server does the same. */
for (const button of document.querySelectorAll("[data-inserts]")) {
  const field = button.form.elements[button.dataset.inserts];
  const choice = button.form.elements.reply_text;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const text = choice.selectedOptions[0].dataset.text;
    const before = field.value.slice(0, field.selectionStart);
    const gap = before === "" || before.endsWith("\n") ? "" : "\n\n";
    field.setRangeText(gap + text, field.selectionStart, field.selectionEnd, "end");
    field.focus();
  });
}
