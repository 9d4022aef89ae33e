/* Asks the server how strong the password is that is being typed. Only a comfort, and only after a pause in typing. */
for (const meter of document.querySelectorAll("[data-strength-for]")) {
  const field = document.getElementById(meter.dataset.strengthFor);
  const token = field?.form?.elements.csrf_token?.value;
  const bar = meter.querySelector(".bar");
  const words = meter.querySelector("[data-strength-words]");
  let pause, asking;
  const show = (part, text) => {
    bar.setAttribute("width", `${Math.round(100 * part)}%`);
    words.textContent = text;
    meter.hidden = text === "";
  };
  const ask = async () => {
    asking = new AbortController();
    const body = new URLSearchParams({ csrf_token: token, new_password: field.value });
    try {
      const answer = await fetch(meter.dataset.url, { method: "POST", body, signal: asking.signal });
      const { part, words: text } = answer.ok ? await answer.json() : { part: 0, words: "" };
      show(part, text);
    } catch {
      show(0, ""); // too early, offline or signed out: the page works without
    }
  };
  field?.addEventListener("input", () => {
    clearTimeout(pause);
    asking?.abort();
    if (field.value === "") show(0, "");
    else pause = setTimeout(ask, 500);
  });
  field?.form?.addEventListener("submit", () => {
    clearTimeout(pause); // once it is saved there is nobody left to ask for
    asking?.abort();
  });
}
