// What the ticket page and the queue gain when scripts run: choosing rows, presence, notices that go away. Every page works without this file.
(() => {
  "use strict";
  const UNDO_STAYS = 20000; // milliseconds
  const off = () => { try { return localStorage.getItem("single-keys") === "off"; } catch { return false; } };
  const typing = (node) => node.matches?.("input:not([type=checkbox]), textarea, select, [contenteditable]");

  // ---- x chooses the row that is in focus, a takes the chosen ones; m opens the ready replies and goes to their search
  document.addEventListener("keydown", (event) => {
    if (off() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const box = document.activeElement?.closest("[data-row]")?.querySelector("[data-choose]");
    const bulk = document.getElementById("bulk");
    if (event.key === "x" && box) box.click();
    else if (event.key === "a" && bulk && (box || document.querySelector("[data-choose]:checked"))) {
      if (!document.querySelector("[data-choose]:checked")) box.click();
      bulk.elements.wish.selectedIndex = 0;
      bulk.requestSubmit();
    } else return;
    event.preventDefault();
  });
  // ---- many at once: how many are chosen, and the tag only for those who tag
  const tellChosen = () => {
    const many = document.querySelectorAll("[data-choose]:checked").length;
    for (const place of document.querySelectorAll("[data-chosen]")) place.textContent = many ? ` (${many})` : "";
    for (const tag of document.querySelectorAll("[data-bulk-tag]")) tag.hidden = tag.form.elements.wish.value !== "tag:";
  };
  document.addEventListener("change", tellChosen);
  document.addEventListener("DOMContentLoaded", tellChosen);
  document.addEventListener("htmx:afterSwap", tellChosen);

  // ---- a view is saved as the list is now: filters change the address without loading the page
  document.addEventListener("submit", (event) => {
    const here = event.target.querySelector?.("[data-here]");
    if (here) here.value = location.search.slice(1);
  });

  // ---- the hand-off form shows the checklist of the queue that is chosen
  const showSheet = (select) => {
    for (const sheet of select.form.querySelectorAll("[data-sheet]")) sheet.hidden = sheet.dataset.sheet !== select.value;
  };
  document.addEventListener("change", (event) => { if (event.target.matches("[data-chooses=sheet]")) showSheet(event.target); });
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll("[data-chooses=sheet]").forEach(showSheet));
  document.addEventListener("toggle", (event) => {
    if (event.target.open) event.target.querySelector?.("[data-open-focus]")?.focus();
  }, true);

  // ---- presence: writing while a composer has been typed in, elsewhere while the page is hidden
  let wroteAt = 0;
  document.addEventListener("input", (event) => { if (event.target.matches("[data-writing]")) { wroteAt = Date.now(); tellPresence(); } });
  document.addEventListener("visibilitychange", tellPresence);
  function tellPresence() {
    const doing = document.querySelector("#presence [name=doing]");
    if (doing) doing.value = document.hidden ? "elsewhere" : Date.now() - wroteAt < 60000 ? "writing" : "viewing";
  }
  document.addEventListener("htmx:configRequest", (event) => { if (event.target.id === "presence") { tellPresence(); event.detail.parameters.doing = document.querySelector("#presence [name=doing]").value; } });

  // ---- an undo is offered for a while; the ticket's history keeps it
  document.addEventListener("DOMContentLoaded", () => {
    for (const toast of document.querySelectorAll(".toast-undo")) setTimeout(() => toast.remove(), UNDO_STAYS);
  });
})();
