// What plain pages cannot do alone. Everything here is comfort: each page works without it.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("js");

  const composing = (event) => event.isComposing || event.keyCode === 229;

  // Enter that confirms kanji is not an answer to the form. Safari ends the composition before its keydown: 229 tells.
  let confirmingKanji = false;
  document.addEventListener("keydown", (event) => {
    confirmingKanji = event.key === "Enter" && composing(event);
    if (confirmingKanji) event.stopPropagation();
  }, true);
  document.addEventListener("keyup", () => { confirmingKanji = false; }, true);
  document.addEventListener("submit", (event) => {
    if (!confirmingKanji) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, true);

  // Half a word of kana is nothing to search for: htmx hears of the input when the composition is over.
  document.addEventListener("input", (event) => {
    if (event.isComposing && event.target.closest("[hx-get], [hx-post]")) event.stopPropagation();
  }, true);
  document.addEventListener("compositionend", (event) => {
    if (event.target.closest("[hx-get], [hx-post]")) event.target.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // A form is sent once. The button comes back when the page does, or when htmx has its answer.
  const sendButtons = (form) => [...form.elements].filter((element) => element.type === "submit");
  const release = (form) => {
    delete form.dataset.sent;
    sendButtons(form).forEach((button) => { button.disabled = false; });
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented && !form.matches("[hx-post], [hx-put], [hx-delete]")) return;
    if (form.method !== "post" || form.hasAttribute("data-send-again")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    // Later, because a disabled button would not send its own name and value.
    setTimeout(() => sendButtons(form).forEach((button) => { button.disabled = true; }));
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest("form[data-sent]");
    if (form) release(form);
  });

  // Where a pressed button was disabled and the part around it came anew, the same button has the focus again.
  let pressed = "";
  document.addEventListener("submit", (event) => { pressed = event.submitter?.id ?? ""; }, true);
  document.addEventListener("htmx:afterSettle", () => {
    if (pressed && document.activeElement === document.body) document.getElementById(pressed)?.focus({ preventScroll: true });
  });

  // What somebody wrote is not lost by a slip of the finger.
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard-unsaved]");
    if (form) form.dataset.unsaved = "yes";
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-unsaved]:not([data-sent])")) event.preventDefault();
  });
  document.addEventListener("okami:saved", (event) => {
    const form = event.target.closest("form");
    if (form) delete form.dataset.unsaved;
  });

  // A sheet of cells: Enter goes to the cell below, with Shift to the one above; leaving a cell saves it.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || composing(event) || !event.target.matches("[data-grid-cell]")) return;
    event.preventDefault();
    const cell = event.target.closest("td");
    const row = event.shiftKey ? cell.parentElement.previousElementSibling : cell.parentElement.nextElementSibling;
    const next = row?.children[cell.cellIndex]?.querySelector("[data-grid-cell]");
    if (next) next.focus(); else event.target.blur();
  });
  // Cells copied from a spreadsheet fill the sheet from here on, and are saved at once.
  document.addEventListener("paste", (event) => {
    const from = event.target.closest?.("[data-grid-cell]");
    const text = event.clipboardData?.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "") ?? "";
    if (!from || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    const first = from.closest("td").cellIndex;
    let row = from.closest("tr");
    for (const line of cellsOf(text)) {
      line.forEach((words, step) => {
        const cell = row?.children[first + step]?.querySelector("[data-grid-cell]");
        if (cell) cell.value = words;
      });
      row = row?.nextElementSibling;
    }
    from.form.requestSubmit();
  });
  // What a spreadsheet copies: tabs and lines between cells, quotation marks around one that holds either.
  const cellsOf = (text) => {
    const lines = [[]];
    for (const [, words, behind] of text.matchAll(/("(?:[^"]|"")*"|[^\t\n]*)([\t\n]|$)/g)) {
      const plain = words.startsWith('"') && words.endsWith('"') && words.length > 1 ? words.slice(1, -1).replaceAll('""', '"') : words;
      lines.at(-1).push(plain.trim().replace(/\s*\n\s*/g, "、"));
      if (!behind) break;
      if (behind === "\n") lines.push([]);
    }
    return lines;
  };

  // "/" goes to the search box, the arrows through what it found, Escape closes it.
  const searchBox = () => document.querySelector("[data-search-box]");
  const results = () => document.getElementById("search-results");
  document.addEventListener("keydown", (event) => {
    if (composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const box = searchBox();
    if (!box) return;
    if (event.key === "/" && !event.target.closest("input, textarea, select, [contenteditable]")) {
      event.preventDefault();
      box.focus();
      box.select();
      return;
    }
    if (event.key === "Escape") {
      document.querySelectorAll("details[data-close-outside][open]").forEach((details) => {
        details.open = false;
        details.querySelector("summary").focus();
      });
    }
    if (event.target !== box && !results()?.contains(event.target)) return;
    const stops = [box, ...results().querySelectorAll("a[href]")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && stops.length > 1) {
      event.preventDefault();
      stops[(stops.indexOf(event.target) + step + stops.length) % stops.length].focus();
    } else if (event.key === "Escape") {
      results().replaceChildren();
      box.focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (results() && !event.target.closest("search, .search")) results().replaceChildren();
    document.querySelectorAll("details[data-close-outside][open]").forEach((details) => {
      if (!details.contains(event.target)) details.open = false;
    });
  });

  // One key per decision where a page offers it; while somebody types, a key is a letter.
  document.addEventListener("keydown", (event) => {
    if (composing(event) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    // Behind the cover nobody sees what a key would decide.
    if (root.classList.contains("covered")) return;
    if (event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, dialog")) return;
    const button = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  });

  // A table of many fields is one stop of the Tab key; the arrows go through it.
  const stopsOf = (table) => [...table.querySelectorAll("tbody a[href]")];
  const stopAt = (table, link) => stopsOf(table).forEach((other) => { other.tabIndex = other === link ? 0 : -1; });
  document.querySelectorAll("table[data-arrow-keys]").forEach((table) => stopAt(table, stopsOf(table)[0]));
  document.addEventListener("focusin", (event) => {
    const link = event.target.closest("table[data-arrow-keys] tbody a[href]");
    if (link) stopAt(link.closest("table"), link);
  });
  document.addEventListener("keydown", (event) => {
    const link = event.target.closest("table[data-arrow-keys] tbody a[href]");
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    if (!link || (!x && !y) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const here = link.getBoundingClientRect();
    const way = (other) => {
      const there = other.getBoundingClientRect();
      const overlaps = x ? there.top < here.bottom && there.bottom > here.top : there.left < here.right && there.right > here.left;
      const along = x ? (there.left - here.left) * x : (there.top - here.top) * y;
      return overlaps && along > 0 ? along + Math.abs(x ? there.top - here.top : there.left - here.left) / 10000 : Infinity;
    };
    const nearest = stopsOf(link.closest("table")).reduce((best, other) => way(other) < way(best) ? other : best, link);
    if (nearest !== link) nearest.focus();
  });

  // Down goes from a box into what it found, and on from one to the next; up goes back.
  document.addEventListener("keydown", (event) => {
    if (composing(event) || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    const box = [...document.querySelectorAll("[data-leads-to]")].find(
      (one) => one === event.target || document.getElementById(one.dataset.leadsTo)?.contains(event.target));
    if (!box) return;
    const stops = [box, ...document.getElementById(box.dataset.leadsTo).querySelectorAll("a[href], button")];
    const next = stops[stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });

  // Where Enter in a field only looks something up, Ctrl+Enter (⌘+Enter) presses the form's main button.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || composing(event) || event.repeat) return;
    const button = event.target.closest("form[data-press-with-ctrl-enter]")?.querySelector("[data-main-button]");
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  });

  // Keys for whoever types all the time: with Alt, by their place on the keyboard, so that no input method is in the way.
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing || event.repeat) return;
    if (root.classList.contains("covered")) return;
    const button = document.querySelector(`[data-alt-key="${CSS.escape(event.code)}"]`);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  });
  // In such a form Enter goes to the next field; in a text of several lines it is a new line.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || composing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const form = event.target.closest?.("form[data-enter-goes-on]");
    if (!form || !event.target.matches("input:not([type=search])")) return;
    event.preventDefault();
    const stops = [...form.querySelectorAll(".fields input:not([type=hidden]), .fields textarea")];
    stops[stops.indexOf(event.target) + 1]?.focus();
  });
  // A button that fills a field with what is guessed.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill]");
    const field = button && document.getElementById(button.dataset.fill);
    if (!field) return;
    event.preventDefault();
    for (const one of [document.getElementById(button.dataset.fillAlso), field]) if (one) one.value = button.dataset.fillWith;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // The photo beside a form: larger, smaller, whole; the arrows with Alt move it. It stays so for the next row and page.
  const ZOOM = "okami-photo-zoom";
  const framed = () => {
    const frame = document.querySelector("[data-photo-frame]");
    return [frame, frame?.querySelector("[data-photo]")];
  };
  const zoomTo = (width) => {
    const [, photo] = framed();
    if (!photo) return;
    photo.style.width = `${Math.round(Math.min(500, Math.max(20, width)))}%`;
    sessionStorage.setItem(ZOOM, photo.style.width);
  };
  const showZoomed = () => { if (sessionStorage.getItem(ZOOM)) zoomTo(parseFloat(sessionStorage.getItem(ZOOM))); };
  document.addEventListener("click", (event) => {
    const how = event.target.closest("[data-zoom]")?.dataset.zoom;
    const [frame, photo] = framed();
    if (!how || !photo) return;
    const now = parseFloat(photo.style.width) || 100;
    const room = frame.clientHeight * photo.naturalWidth / (photo.naturalHeight * frame.clientWidth);
    const whole = 100 * Math.min(1, room || 1);
    zoomTo({ in: now * 1.25, out: now / 1.25, whole }[how]);
  });
  document.addEventListener("keydown", (event) => {
    const [x, y] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? [0, 0];
    const [frame] = framed();
    if (!frame || !event.altKey || (!x && !y) || event.isComposing) return;
    event.preventDefault();
    frame.scrollBy(x * 80, y * 80);
  });
  showZoomed();
  document.addEventListener("htmx:afterSettle", showZoomed);

  // A long day opens where its first party stands, beside the column that is always in sight.
  document.querySelectorAll("[data-in-sight]").forEach((place) => {
    const frame = place.closest(".table-wrap");
    if (place.offsetLeft + place.offsetWidth > frame.clientWidth) frame.scrollLeft = place.offsetLeft - place.parentElement.firstElementChild.offsetWidth;
  });

  // An answer to what a form held a moment ago must not wipe out what is typed by now: the next one is on its way.
  // What is being answered or was answered is not asked once more: the change of a field follows its input.
  const askedWith = new WeakMap();
  const askedLast = new WeakMap();
  const holds = (form) => new URLSearchParams(new FormData(form)).toString();
  document.addEventListener("htmx:confirm", (event) => {
    const asker = event.detail.elt;
    if (asker?.matches("[data-follows-form]") && askedLast.get(asker) === holds(asker.closest("form"))) event.preventDefault();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const asker = event.detail.elt;
    if (!asker?.matches("[data-follows-form]")) return;
    askedWith.set(event.detail.xhr, holds(asker.closest("form")));
    askedLast.set(asker, askedWith.get(event.detail.xhr));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr, successful } = event.detail;
    if (!successful && askedLast.get(elt) === askedWith.get(xhr)) askedLast.delete(elt);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    const asked = askedWith.get(xhr);
    if (asked !== undefined && asked !== holds(requestConfig.elt.closest("form"))) event.detail.shouldSwap = false;
  });

  // Dialogs, toasts, and choices that need no button.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    const dialog = opener && document.getElementById(opener.dataset.dialogOpen);
    if (dialog) {
      event.preventDefault();
      dialog.showModal();
    }
    if (event.target.closest("[data-dialog-close]")) {
      event.preventDefault();
      event.target.closest("dialog").close();
    }
    if (event.target.closest("[data-print]")) window.print();
    event.target.closest("[data-dismiss]")?.closest("[data-toast]").remove();
  });
  document.querySelectorAll("dialog[open]").forEach((dialog) => {
    dialog.close();
    dialog.showModal();
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  // 目隠し: one tap hides the page from whoever looks over the shoulder, on every page until it is taken off.
  const cover = (on) => {
    root.classList.toggle("covered", on);
    document.querySelector(on ? ".cover [data-cover]" : "[data-cover='on']")?.focus();
  };
  if (sessionStorage.getItem("covered")) cover(true);
  document.addEventListener("click", (event) => {
    const tapped = event.target.closest("[data-cover]");
    if (!tapped) return;
    const on = tapped.dataset.cover === "on";
    if (on) sessionStorage.setItem("covered", "yes");
    else sessionStorage.removeItem("covered");
    cover(on);
  });

  // Another row of the same fields: the last one again, blank, with the next number.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add-row]");
    const rows = button && document.querySelector(`[data-rows="${button.dataset.addRow}"]`);
    if (!rows) return;
    const last = rows.lastElementChild;
    const row = last.cloneNode(true);
    const stem = button.dataset.addRow;
    const number = Number(row.querySelector(`[name^="${stem}"]`).name.slice(stem.length).match(/^\d+/)[0]);
    const next = (text) => text.replaceAll(`${stem}${number}`, `${stem}${number + 1}`);
    row.querySelectorAll("*").forEach((element) => {
      [...element.attributes].forEach((attribute) => element.setAttribute(attribute.name, next(attribute.value)));
      if (element.matches("input")) element.value = "";
    });
    row.querySelectorAll(".kept, .field-errors").forEach((element) => element.replaceChildren());
    rows.append(row);
    window.htmx?.process(row);
    row.querySelector("input")?.focus();
  });

  // The reading of a name is what was typed before it became kanji. It fills its field until somebody writes there.
  const KANA = /^[ぁ-ゖァ-ヺー・\s]+$/;
  const katakana = (text) => text.replace(/[ぁ-ゖ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) + 0x60));
  const readings = new WeakMap();
  const readingOf = (input) => {
    if (!readings.has(input)) readings.set(input, { parts: [], typed: "" });
    return readings.get(input);
  };
  const kanaFieldOf = (input) => document.getElementById(input.dataset.readingIn);
  document.addEventListener("compositionstart", (event) => {
    if (event.target.dataset?.readingIn) readingOf(event.target).typed = "";
  });
  document.addEventListener("compositionupdate", (event) => {
    if (!event.target.dataset?.readingIn) return;
    // A syllable that is not finished ends in a Latin letter: たなk.
    const typed = event.data.replace(/[a-zａ-ｚ]+$/i, "");
    if (typed && KANA.test(typed)) readingOf(event.target).typed = typed;
  });
  document.addEventListener("compositionend", (event) => {
    const input = event.target;
    const kana = input.dataset?.readingIn && kanaFieldOf(input);
    if (!kana || !event.data) return;
    const reading = readingOf(input);
    if (KANA.test(event.data)) reading.typed = event.data;
    if (reading.typed) reading.parts.push([event.data, katakana(reading.typed)]);
    // Browsers differ in whether the value holds the text already; after this event it does everywhere.
    setTimeout(() => fillKana(input, kana, reading));
  });
  const fillKana = (input, kana, reading) => {
    if (kana.value && kana.value !== reading.filled) return;
    let rest = input.value;
    let filled = "";
    for (const [written, read] of reading.parts) {
      const at = rest.indexOf(written);
      if (at < 0) continue;
      if (/[\s　]/.test(rest.slice(0, at)) && filled) filled += " ";
      filled += read;
      rest = rest.slice(at + written.length);
    }
    kana.value = reading.filled = filled;
  };

  // What an open page asks for by itself: not while nobody looks at it, and never at the cost of what somebody types.
  const asksByItself = (event) => event.target.closest?.("[data-live]") ?? null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (document.hidden && asksByItself(event)) event.preventDefault();
  });
  // Whoever goes on typing where two wrote the same means their own words.
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    const name = event.target.name;
    if (!form || !name || name.startsWith("keep_")) return;
    const value = name.startsWith("phone_") ? "phones" : name;
    const mine = form.querySelector(`[name="keep_${CSS.escape(value)}"][value="mine"]`);
    if (mine) mine.checked = true;
  });

  // An answer that is the sign-in page means the session is over: show all of it, not a piece.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const signIn = document.body.dataset.signIn;
    if (signIn && new URL(event.detail.xhr.responseURL || "/", location.href).pathname === signIn) {
      event.detail.shouldSwap = false;
      if (!asksByItself(event)) location.reload();
    }
  });
  const sayThatItFailed = (event) => {
    if (asksByItself(event) || event.target.id === "draft-note") return;
    const toast = document.getElementById("toast-of-failure").content.cloneNode(true);
    document.getElementById("toasts")?.append(toast);
  };
  document.addEventListener("htmx:responseError", sayThatItFailed);
  document.addEventListener("htmx:sendError", sayThatItFailed);

  // Words typed while the network is dead stay on the device: sealed with a key that only the person's own pages hold,
  // gone once the house has them, when the person signs out, and when somebody else signs in. Without a secure
  // connection browsers seal nothing: then nothing is kept.
  const LOCAL = "okami-draft:";
  const OWNER = "okami-draft-owner";
  const { draftKey, draftOwner, draftUrl, signOut } = document.body.dataset;
  const FORM = "okami-form:";
  const SENT = "okami-form-sent";
  const keptHere = () => Object.keys(localStorage).filter((name) => name.startsWith(LOCAL));
  const formsHere = () => Object.keys(localStorage).filter((name) => name.startsWith(FORM));
  const forgetAllHere = () => [...keptHere(), ...formsHere(), OWNER].forEach((name) => localStorage.removeItem(name));
  const canSeal = () => Boolean(draftKey && window.crypto?.subtle && localStorage.getItem(OWNER) === draftOwner);
  const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const toBytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const sealingKey = () => crypto.subtle.importKey("raw", toBytes(draftKey), "AES-GCM", false, ["encrypt", "decrypt"]);
  const tokenOf = (form) => form?.elements.form_token?.value ?? "";
  const openDraft = () => document.querySelector("form[data-local-draft]");
  const csrf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  if (draftOwner && localStorage.getItem(OWNER) !== draftOwner) {
    forgetAllHere();
    localStorage.setItem(OWNER, draftOwner);
  }
  document.addEventListener("submit", (event) => {
    if (signOut && event.target.getAttribute("action") === signOut) forgetAllHere();
  }, true);

  const sealHere = async (name, form, fields) => {
    const words = new TextEncoder().encode(JSON.stringify({ at: Date.now(), fields }));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await sealingKey(), words);
    // Meanwhile the house may have them, or the person may have signed out.
    if (canSeal() && form.dataset.unsaved) localStorage.setItem(name, `${toText(iv)}.${toText(sealed)}`);
  };
  const keepHere = async (form) => {
    if (!canSeal() || !tokenOf(form)) return;
    const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
    await sealHere(LOCAL + tokenOf(form), form, fields);
  };
  const readHere = async (name) => {
    try {
      const [iv, sealed] = localStorage.getItem(name).split(".").map(toBytes);
      const words = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await sealingKey(), sealed);
      return JSON.parse(new TextDecoder().decode(words));
    } catch {
      localStorage.removeItem(name);
      return null;
    }
  };
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      const form = event.target.closest?.("form[data-local-draft]");
      if (!form || !event.isTrusted) return;
      form.dataset.unsaved = "yes";
      keepHere(form);
    });
  }

  // The house has the words: what it was asked with is compared, as somebody may have gone on typing.
  let savedWith = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = openDraft();
    if (form && event.detail.elt?.id === "draft-note") savedWith = holds(form);
  });
  document.addEventListener("okami:saved", (event) => {
    const form = event.target.closest("form[data-local-draft]");
    if (!form) return;
    if (holds(form) === savedWith) localStorage.removeItem(LOCAL + tokenOf(form));
    else form.dataset.unsaved = "yes";
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const form = event.detail.target?.isConnected ? null : openDraft();
    if (form) localStorage.removeItem(LOCAL + tokenOf(form));
  });
  let cutOff = false;
  const tellCutOff = (isSent) => {
    cutOff = true;
    const { offline, offlineOpen, offlineSent } = document.getElementById("draft-note").dataset;
    document.getElementById("draft-words").textContent = isSent ? offlineSent : canSeal() ? offline : offlineOpen;
  };
  document.addEventListener("htmx:sendError", (event) => {
    if (event.target.closest?.("form[data-local-draft]")) tellCutOff(false);
  });
  // Without a network the browser would put its own page in the place of the form.
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-local-draft]");
    if (!form || navigator.onLine) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.dataset.unsaved = "yes";
    keepHere(form);
    tellCutOff(true);
  }, true);
  const trySavingAgain = () => {
    const form = openDraft();
    if (cutOff && form?.dataset.unsaved) {
      cutOff = false;
      form.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (canSeal()) sendWhatWaits(false);
  };
  window.addEventListener("online", trySavingAgain);
  setInterval(() => { if (cutOff) trySavingAgain(); }, 10000);

  const sendWhatWaits = async (isFresh) => {
    const here = tokenOf(openDraft());
    for (const name of keptHere()) {
      const token = name.slice(LOCAL.length);
      if (token === here && !isFresh) continue;
      const kept = await readHere(name);
      if (!kept) continue;
      const body = new URLSearchParams(kept.fields);
      body.set("kept_at", kept.at);
      let answer;
      try {
        answer = await fetch(draftUrl, { method: "POST", body, headers: { "X-CSRFToken": csrf() } });
      } catch {
        return;
      }
      if (!answer.ok || answer.redirected) return;
      localStorage.removeItem(name);
      const form = openDraft();
      const saved = answer.headers.get("Okami-Draft");
      if (isFresh && saved && form && !form.dataset.unsaved && !new URLSearchParams(location.search).has("customer")) {
        location.replace(`${form.getAttribute("action")}?draft=${saved}`);
        return;
      }
    }
  };
  // Small forms whose words have no draft in the house: what was typed waits here until it was sent, and is put back.
  const typedInto = (form) => [...form.elements].filter((field) => field.name && field.matches("textarea, input:not([type=hidden], [type=file], [type=password])"));
  const keptForms = () => [...document.querySelectorAll("form[data-kept-form]")];
  const noteOf = (form) => form.querySelector("[data-kept-note]");
  const sayInForm = (form, words) => {
    const note = noteOf(form);
    if (!note) return;
    note.hidden = false;
    note.textContent = words;
  };
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      const form = event.target.closest?.("form[data-kept-form]");
      if (!form || !event.isTrusted || !canSeal()) return;
      const isTyped = (field) => (field.matches("[type=radio], [type=checkbox]") ? field.checked : field.value);
      form.dataset.unsaved = "yes";
      sealHere(FORM + form.dataset.keptForm, form, typedInto(form).filter(isTyped).map((field) => [field.name, field.value]));
    });
  }
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-kept-form]");
    if (!form) return;
    if (navigator.onLine) {
      sessionStorage.setItem(SENT, form.dataset.keptForm);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    sayInForm(form, noteOf(form)?.dataset.offline ?? "");
  }, true);
  const putBack = async (form) => {
    const name = FORM + form.dataset.keptForm;
    const kept = localStorage.getItem(name) && (await readHere(name));
    if (!kept) return;
    for (const [key, value] of kept.fields) {
      const field = typedInto(form).find((one) => one.name === key && (!one.matches("[type=radio], [type=checkbox]") || one.value === value));
      if (!field) continue;
      if (field.matches("[type=radio], [type=checkbox]")) field.checked = true;
      else field.value = value;
    }
    form.dataset.unsaved = "yes";
    sayInForm(form, noteOf(form)?.dataset.restored ?? "");
  };
  // A page of the signed-in person after sending: the house has the words, or has given them back. The sign-in page: it has not.
  if (draftOwner && sessionStorage.getItem(SENT)) localStorage.removeItem(FORM + sessionStorage.getItem(SENT));
  sessionStorage.removeItem(SENT);
  if (canSeal() && !document.querySelector("[data-form-errors]")) keptForms().forEach(putBack);

  // A form that was sent and came back with what is wrong holds all words: it is not left for its draft.
  const refused = document.querySelector("[data-form-errors]") ? openDraft() : null;
  if (refused) localStorage.removeItem(LOCAL + tokenOf(refused));
  if (canSeal()) sendWhatWaits(!refused);

  document.querySelector("[data-form-errors]")?.focus();
})();
