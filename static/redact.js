// Hides what is certainly a secret before a form is sent. The server hides again, and trusts nothing of this.
(() => {
  "use strict";
  const { rules: address, one, many } = document.currentScript.dataset;
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const BOXES = "textarea, input[type=text]:not([data-key-typed] input):not([data-commands] input)";
  const KINDS = /[0-9]+|[A-Z]+|[^0-9A-Z]+/g;
  const WORD = /^(?:[A-Za-z][a-z]*(?:[-_. /][A-Za-z]?[a-z]*)*|[A-Z]+(?:[-_. ][A-Z]+)*)$/;
  const CODE = /^(?:[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*[([]|(?:await|new|f|lambda|self|this|os|process)[ .])/;
  const PORT = /^(?:[0-9]{1,5}(?:\/.*)?|(?:[0-9.]{7,15}:)?[0-9]{1,5}:[0-9]{1,5}(?:\/(?:tcp|udp))?)$/;
  let rules = null, nothing = [], waiting = new Set();

  // ---- what a value is: the same questions as app/core/redaction asks
  const isNothing = (value) => value.length <= 512 && nothing.some((pattern) => pattern.test(value.trim()));
  function isRandom(value) {
    const body = value.replace(/[-_./+=~:]/g, "");
    if (body.length >= 30 && body.length === value.length) return true;
    const changes = (body.slice(0, 512).match(KINDS) ?? []).length - 1;
    return changes >= 3 && changes * 7 >= body.length;
  }
  const isKey = (value, body) => !isNothing(value) && !isNothing(body) && /[A-Za-z0-9]/.test(body);
  function isBasic(value) {
    if (isNothing(value) || WORD.test(value)) return false;
    const long = value.length >= 16 && isRandom(value);
    try { return atob(value.replace(/-/g, "+").replace(/_/g, "/")).includes(":") || long; } catch { return long; }
  }
  const CHECKS = {
    "": isKey,
    random: (value, body) => isKey(value, body) && (/^[A-Za-z0-9]{30,}$/.test(body) || (isRandom(body) && !WORD.test(body))),
    value: (value) => !isNothing(value) && !PORT.test(value) && !CODE.test(value),
    credential: (value, body, rest) => { const bare = value.replace(/[.:=-]+$/, ""); return !isNothing(bare) && !WORD.test(bare) && !CODE.test(value + rest); },
    basic: isBasic,
  };

  // ---- text in, text and what was hidden out
  function shown(rule, prefix, value) {
    if (rule.show !== "key") return "[hidden]";
    const tail = value.replace(/=+$/, "").slice(-4);
    if (value.length - prefix.length >= 12 && /^[\w-]{4}$/.test(tail)) return `${prefix}…${tail}`;
    return prefix ? `${prefix}…` : "[hidden]";
  }
  function hide(text) {
    const found = [];
    for (const rule of rules) {
      const lower = text.toLowerCase();
      if (rule.heads.length && !rule.heads.some((head) => lower.includes(head))) continue;
      const view = text.replace(/\\[nrt]/g, "  "); // a line break inside JSON ends a word too
      let clean = "", at = 0;
      for (const match of view.matchAll(rule.find)) {
        const prefix = match.groups.prefix ?? "", value = match.groups.secret, [start, end] = match.indices.groups.secret;
        if (!CHECKS[rule.check](value, value.slice(prefix.length), view.slice(end, end + 2))) continue;
        if (value.length <= 20 && /^(?:…|\.\.\.|\*\*\*)/.test(text.slice(end, end + 3))) continue;
        const mask = shown(rule, prefix, value);
        found.push({ what: rule.label[language], mask, key: mask.includes("…") && !mask.endsWith("…") ? value : "" });
        clean += text.slice(at, start) + mask;
        at = end;
      }
      text = clean + text.slice(at);
    }
    return { text, found };
  }

  // ---- boxes
  const hidden = new WeakMap();
  function mask(box, pause = 0) {
    if (!rules || !box.value) return;
    const { text, found } = hide(box.value);
    if (!found.length) return;
    const caret = box === document.activeElement ? hide(box.value.slice(0, box.selectionEnd)).text.length : null;
    box.value = text;
    if (caret !== null) box.setSelectionRange(caret, caret);
    keepHash(box.form, found.find((one) => one.key));
    hidden.set(box, [...(hidden.get(box) ?? []), ...found.map(({ what, mask }) => (mask === "[hidden]" ? what : `${mask} (${what})`))]);
    setTimeout(tell, pause, box);
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function keepHash(form, first) { // so that the ticket still finds the key's log lines
    const field = form?.querySelector("[data-redact-hash]");
    if (!field || field.value || !first || !globalThis.crypto?.subtle) return;
    const digest = crypto.subtle.digest("SHA-256", new TextEncoder().encode(first.key)).then((bytes) => {
      field.value = [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      waiting.delete(digest);
    });
    waiting.add(digest);
  }
  function tell(box) {
    const above = box.closest("form")?.querySelector(".paste-foot") ?? box; // below the button, which must not move under a click
    let note = above.nextElementSibling;
    if (!note?.matches("[data-redact-note]")) {
      note = document.createElement("p");
      note.className = "hint";
      note.setAttribute("role", "status");
      note.dataset.redactNote = "";
      above.after(note);
    }
    const list = hidden.get(box);
    note.textContent = `${(list.length === 1 ? one : many).replace("{n}", list.length)} ${[...new Set(list)].slice(0, 8).join(" · ")}`;
  }
  const maskAll = (scope) => scope.querySelectorAll(BOXES).forEach((box) => mask(box));

  // ---- events
  let typing;
  document.addEventListener("input", (event) => {
    const box = event.target;
    if (!box.matches?.(BOXES)) return;
    if (!event.inputType || event.inputType.startsWith("insertFrom") || event.inputType === "insertReplacementText") return mask(box);
    clearTimeout(typing);
    typing = setTimeout(mask, 700, box);
  });
  document.addEventListener("change", (event) => { if (event.target.matches?.(BOXES)) mask(event.target, 400); }, true); // a note that comes between press and release moves the button away
  document.addEventListener("submit", (event) => {
    maskAll(event.target);
    if (event.defaultPrevented || (rules && !waiting.size)) return;
    event.preventDefault();
    event.stopPropagation();
    const { target, submitter } = event;
    Promise.allSettled([ready, ...waiting]).then(() => setTimeout(() => target.requestSubmit(submitter)));
  }, true);
  document.addEventListener("htmx:confirm", (event) => {
    if (rules) return;
    event.preventDefault();
    ready.then(() => event.detail.issueRequest(true));
  });

  const compiled = (pattern, flags) => { try { return new RegExp(pattern, flags); } catch { return null; } }; // an older browser knows less
  function load(book) {
    nothing = book.nothing.map((pattern) => compiled(`^(?:${pattern})$`, "i")).filter(Boolean);
    rules = book.rules.map((rule) => ({ ...rule, find: compiled(rule.find, "dg") })).filter((rule) => rule.find && CHECKS[rule.check]);
    maskAll(document);
  }
  const ready = fetch(address).then((answer) => answer.json()).then(load).catch(() => { rules ??= []; }); // the server hides everything anyway
})();
