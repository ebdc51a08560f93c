// What pages gain when scripts run. Every page works without this file.
(() => {
  "use strict";
  const root = document.documentElement;
  const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private mode: forget */ } };

  // ---- theme: set before the first paint, so this file is not deferred
  if (["light", "dark"].includes(remembered("theme"))) root.dataset.theme = remembered("theme");
  const isDark = () => getComputedStyle(root).colorScheme === "dark" ||
    (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  function toggleTheme() {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember("theme", root.dataset.theme);
  }

  // ---- copy buttons
  async function copy(button) {
    const source = button.dataset.copyFrom;
    const text = button.dataset.copy ?? button.closest("figure").querySelector(source).innerText;
    try { await navigator.clipboard.writeText(text); } catch { if (!copyOldWay(text)) return; }
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
  }
  function copyOldWay(text) {
    const box = document.createElement("textarea");
    box.value = text;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    return done;
  }

  // ---- relative times: the server's words stand until these replace them
  const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  function relative(moment) {
    const seconds = (moment - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? UNITS.at(-1);
    return new Intl.RelativeTimeFormat(root.lang || "en", { numeric: "auto" }).format(Math.round(seconds / size), unit);
  }
  function tellTimes(scope) {
    for (const time of scope.querySelectorAll("time[datetime]")) {
      const moment = new Date(time.dateTime);
      if (Number.isNaN(moment.getTime())) continue;
      const place = time.hasAttribute("data-relative") ? time : time.querySelector("[data-relative-text]");
      if (place) place.textContent = relative(moment);
      time.dataset.utc ??= time.title;
      time.title = `${time.dataset.utc} · ${moment.toLocaleString(root.lang || "en", { timeZoneName: "short" })}`;
    }
  }

  // ---- the key field: a key becomes a mask and a SHA-256 here, and is forgotten here
  const PREFIXES = ["sk-ant-", "sk-proj-", "sk-svcacct-", "sk-service-", "sk-admin-", "sk-or-v1-", "sk-or-", "sk-lf-", "sk-sp-", "sk-", "AIza", "gsk_", "xai-", "hf_", "r8_", "pplx-", "nvapi-", "csk-", "jina_", "fw_"];
  const MASKED = /^([A-Za-z0-9_.-]{0,12}?)(?:…|\.{2,}|\*{2,}|•{2,}|x{4,})([A-Za-z0-9_-]{4})$/;
  const SHORTEST_KEY = 16;
  const bare = (text) => text.trim().replace(/^["'`]|["'`;,]+$/g, "").replace(/^(authorization:\s*)?bearer\s+/i, "").trim();
  async function sha256(text) {
    if (!globalThis.crypto?.subtle) return ""; // only in secure contexts; the mask alone is still useful
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  async function takeKey(field) {
    const typed = field.querySelector("[data-key-typed] input");
    const key = bare(typed.value);
    const masked = MASKED.exec(key);
    typed.value = "";
    lengths.delete(typed);
    field.querySelector("[data-key-short]").hidden = Boolean(masked) || !key || key.length === 4 || key.length >= SHORTEST_KEY;
    if (masked) return sendKey(field, `${masked[1]}…${masked[2]}`, "");
    if (key.length < SHORTEST_KEY) return sendKey(field, key.length === 4 ? `…${key}` : "", "");
    const prefixes = field.dataset.prefixes?.split(",") ?? PREFIXES;
    const prefix = prefixes.filter((start) => key.startsWith(start)).sort((a, b) => b.length - a.length)[0] ?? "";
    return sendKey(field, `${prefix}…${key.slice(-4)}`, await sha256(key));
  }
  function sendKey(field, mask, hash) {
    showKey(field, mask, hash);
    field.querySelector("[data-key-hash-input]").dispatchEvent(new Event("change", { bubbles: true })); // tells the form that evidence changed
  }
  function showKey(field, mask, hash) {
    field.querySelector("[data-key-mask-input]").value = mask;
    field.querySelector("[data-key-hash-input]").value = hash;
    field.querySelector("[data-key-shown]").textContent = mask;
    field.querySelector("[data-key-sent]").hidden = !mask;
    field.querySelector("[data-key-with-hash]").hidden = !hash;
    field.querySelector("[data-key-without-hash]").hidden = Boolean(hash);
  }
  function startKeyField(field) {
    field.querySelector("[data-key-typed]").hidden = false;
    field.querySelector("[data-key-mask]").hidden = !field.querySelector("[data-key-mask] .error");
    const mask = field.querySelector("[data-key-mask-input]").value;
    if (mask) showKey(field, mask, field.querySelector("[data-key-hash-input]").value);
  }
  const lengths = new WeakMap();
  function cameWhole(input) { // pasted or filled in, rather than typed letter by letter; or a complete mask
    const grown = input.value.length - (lengths.get(input) ?? 0);
    lengths.set(input, input.value.length);
    return grown >= 6 || MASKED.test(input.value.trim());
  }
  const untaken = (form) => [...form.querySelectorAll("[data-key-field]")].filter((field) => field.querySelector("[data-key-typed] input").value);

  // ---- insert an article into the reply
  function insert(button) {
    const box = document.querySelector("[data-insert-target]");
    const id = document.querySelector("[data-insert-id]");
    box.setRangeText((box.value && box.selectionStart ? "\n\n" : "") + button.dataset.insert, box.selectionStart, box.selectionEnd, "end");
    if (id && button.dataset.insertArticle) id.value = button.dataset.insertArticle;
    box.focus();
  }

  // ---- commands and single keys
  const commands = () => document.querySelector("dialog[data-commands]");
  const typing = (node) => node.matches?.("input, textarea, select, [contenteditable]");
  function openCommands() {
    const dialog = commands();
    if (!dialog || dialog.open) return;
    dialog.showModal();
    const box = dialog.querySelector("input");
    box.value = "";
    narrowCommands(dialog, "");
    box.focus();
  }
  function narrowCommands(dialog, words) {
    for (const item of dialog.querySelectorAll("li")) item.hidden = !item.textContent.toLowerCase().includes(words.trim().toLowerCase());
  }
  function walkCommands(dialog, event) {
    const shown = [...dialog.querySelectorAll("li:not([hidden]) :is(a, button)")];
    const at = shown.indexOf(document.activeElement);
    if (event.key === "ArrowDown") shown[(at + 1) % shown.length]?.focus();
    else if (event.key === "ArrowUp") shown.at(at - 1)?.focus();
    else if (event.key === "Enter" && at < 0) shown[0]?.click();
    else return;
    event.preventDefault();
  }
  function moveRow(step) {
    const rows = [...document.querySelectorAll("[data-row] a[data-row-link]")];
    const at = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, at + step))]?.focus();
  }
  function showSingleKeys(button) {
    const off = remembered("single-keys") === "off";
    [button.firstChild.hidden, button.lastChild.hidden] = [off, !off];
  }
  function singleKey(event) {
    if (remembered("single-keys") === "off" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const target = document.querySelector(`[data-hotkey="${CSS.escape(event.key)}"]`);
    if (event.key === "?") openCommands();
    else if (event.key === "j" || event.key === "k") moveRow(event.key === "j" ? 1 : -1);
    else if (target) typing(target) ? target.focus() : target.click();
    else return;
    event.preventDefault();
  }

  // ---- events: delegated, so that swapped-in parts need nothing
  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest?.(selector);
    if (at("[data-copy], [data-copy-from]")) copy(at("[data-copy], [data-copy-from]"));
    else if (at("[data-insert]")) insert(at("[data-insert]"));
    else if (at("[data-theme-toggle]")) toggleTheme();
    else if (at("[data-dismiss]")) at("[data-toast]").remove();
    else if (at("[data-key-clear]")) sendKey(at("[data-key-field]"), "", "");
    else if (at("[data-commands-open]")) openCommands();
    else if (at("[data-single-keys]")) { remember("single-keys", remembered("single-keys") === "off" ? "on" : "off"); showSingleKeys(at("[data-single-keys]")); }
    else if (event.target === commands()) commands().close();
  });
  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form[data-submit-shortcut]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form) { event.preventDefault(); form.requestSubmit(); }
    else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && commands()) { event.preventDefault(); openCommands(); }
    else if (event.target.closest?.("dialog[data-commands]")) walkCommands(commands(), event);
    else singleKey(event);
  });
  document.addEventListener("input", (event) => {
    if (event.target.closest("dialog[data-commands]")) return narrowCommands(commands(), event.target.value);
    if (event.target.closest("[data-key-typed]") && cameWhole(event.target)) takeKey(event.target.closest("[data-key-field]"));
  });
  document.addEventListener("change", (event) => {
    const typed = event.target.closest("[data-key-typed]");
    if (typed && event.target.value) takeKey(typed.closest("[data-key-field]"));
  });
  document.addEventListener("submit", (event) => {
    const waiting = untaken(event.target);
    if (!waiting.length) return;
    event.preventDefault();
    event.stopPropagation();
    Promise.all(waiting.map(takeKey)).then(() => event.target.requestSubmit(event.submitter));
  }, true);

  // ---- each part as it arrives
  function start(scope) {
    for (const hidden of scope.querySelectorAll("[data-copy], [data-copy-from], [data-insert], [data-theme-toggle], [data-dismiss], [data-commands-open]")) hidden.hidden = false;
    scope.querySelectorAll("[data-key-field]").forEach(startKeyField);
    scope.querySelectorAll("[data-single-keys]").forEach(showSingleKeys);
    scope.querySelectorAll("input[data-zone]").forEach((zone) => { zone.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? ""; });
    scope.querySelector("[data-focus]")?.focus();
    tellTimes(scope);
  }
  document.addEventListener("DOMContentLoaded", () => { root.classList.add("js"); start(document); });
  document.addEventListener("htmx:load", (event) => start(event.target));
  setInterval(() => tellTimes(document), 30000);
})();
