// The form of /validate, quicker: checked while typing, files dropped, the cursor put where a finding is.
// Without this the page does the same by sending the form.
"use strict";

const WAIT = 400; // milliseconds without a key, after which the text is checked
const form = document.getElementById("check");
const text = document.getElementById("text");
const file = document.getElementById("file");
const name = document.getElementById("name");
const drop = form.querySelector(".drop");
let timer = 0;
let asked = null;

async function check(fields, moveTo) {
  asked?.abort();
  const mine = (asked = new AbortController());
  form.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "text/html" }, signal: mine.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine === asked) show(page, moveTo);
  } catch (error) {
    if (error.name !== "AbortError") say(form.dataset.silent);
  } finally {
    if (mine === asked) form.removeAttribute("aria-busy");
  }
}

function show(page, moveTo) {
  const outcome = page.getElementById("outcome");
  if (!outcome) {
    say(page.querySelector("main")?.innerText.trim() || form.dataset.unreadable);
    return;
  }
  document.getElementById("outcome").replaceWith(document.importNode(outcome, true));
  say(page.getElementById("verdict").textContent);
  if (moveTo) take(page);
}

// Take over the draft as the server has it: of a file that was chosen, or with a proposal carried out.
function take(page) {
  const sent = page.getElementById("text");
  if (text.value !== sent.value) text.value = sent.value;
  name.value = page.getElementById("name").value;
  file.value = "";
  form.querySelector("[name=content]")?.remove();
  const kept = page.querySelector("[name=content]");
  if (kept) form.append(document.importNode(kept, true));
  document.getElementById("verdict").focus();
}

function say(words) {
  const verdict = document.getElementById("verdict");
  if (verdict.textContent !== words) verdict.textContent = words;
}

function later() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const fields = new FormData(form);
    fields.delete("file");
    if (text.value.trim()) check(fields, false);
  }, WAIT);
}

// Characters as the server counts them, which are not those of JavaScript where one takes two.
function place(line, column) {
  const lines = text.value.split("\n");
  const before = lines.slice(0, line - 1).reduce((length, one) => length + one.length + 1, 0);
  return before + [...(lines[line - 1] ?? "")].slice(0, Math.max(column - 1, 0)).join("").length;
}

function go(link) {
  const line = Number(link.dataset.line);
  if (!line || !text.value.trim()) return false;
  const start = place(line, Number(link.dataset.column));
  const end = text.value.indexOf("\n", start);
  text.focus();
  text.setSelectionRange(start, end < 0 ? text.value.length : end);
  const height = parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = Math.max(0, (line - 4) * height);
  text.scrollIntoView({ block: "center" });
  return true;
}

form.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.name === "format") return; // a file to take away
  event.preventDefault();
  clearTimeout(timer);
  check(new FormData(form, button), true);
});
text.addEventListener("input", later);
name.addEventListener("change", later);
form.querySelectorAll("[name=scope]").forEach((choice) => choice.addEventListener("change", later));
file.addEventListener("change", () => file.value && form.requestSubmit());
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.place");
  if (link && go(link)) event.preventDefault();
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      file.files = event.dataTransfer.files;
      form.requestSubmit();
    }
  });
}
