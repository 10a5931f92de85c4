"""What is wrong with a page as it stands in the browser: measured, not read from the HTML."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TARGET = 44  # px: the height of what a finger has to hit
# A line of text rounds to fractions of a pixel.
ROUNDING = 0.5

FAULTS = r"""
({lang, target}) => {
  const faults = [];
  const words = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 140);
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && getComputedStyle(element).visibility !== "hidden";
  };
  const hiddenFromAll = (element) => element.closest("[aria-hidden=true], [hidden], .visually-hidden, template");

  if (document.documentElement.lang !== lang) faults.push(`the language is ${document.documentElement.lang}`);
  if (!document.title.trim() || document.title.trim().startsWith("–")) faults.push(`the title is "${document.title}"`);
  const headings = [...document.querySelectorAll("h1")].filter(shown);
  if (headings.length !== 1) faults.push(`${headings.length} main headings: ${headings.map((h) => h.innerText)}`);
  const skipped = [...document.querySelectorAll("h1, h2, h3, h4")].filter(shown).map((h) => +h.tagName[1]);
  skipped.forEach((level, i) => {
    if (i && level > skipped[i - 1] + 1) faults.push(`a heading h${level} follows h${skipped[i - 1]}`);
  });

  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > room) {
    const wide = [...document.body.querySelectorAll("*")]
      .filter((element) => shown(element) && element.getBoundingClientRect().right > room + 1)
      .filter((element) => ![...element.children].some((child) => child.getBoundingClientRect().right > room + 1));
    faults.push(`wider than the screen: ${wide.slice(0, 3).map(words).join(" | ")}`);
  }

  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  new Set(ids.filter((id, i) => ids.indexOf(id) !== i)).forEach((id) => faults.push(`the id "${id}" stands twice`));

  const said = (element) => {
    const clone = element.cloneNode(true);
    clone.querySelectorAll("[aria-hidden=true]").forEach((part) => part.remove());
    return clone.textContent.trim();
  };
  const byIds = (list) => (list || "").split(/\s+/).map((id) => document.getElementById(id)?.textContent.trim() || "").join("");
  const name = (element) =>
    byIds(element.getAttribute("aria-labelledby")) || element.getAttribute("aria-label")?.trim() ||
    [...(element.labels || [])].map(said).join("") || (element.matches("a, button, summary") && said(element)) || "";
  document.querySelectorAll("input:not([type=hidden]), select, textarea, button, a[href], summary").forEach((element) => {
    if (!name(element)) faults.push(`without a name: ${words(element)}`);
  });
  document.querySelectorAll("img:not([alt])").forEach((image) => faults.push(`without a text: ${words(image)}`));
  document.querySelectorAll("fieldset").forEach((set) => {
    if (!set.querySelector(":scope > legend")?.textContent.trim()) faults.push(`a group without a name: ${words(set)}`);
  });
  document.querySelectorAll("[aria-describedby], [aria-controls], [aria-labelledby]").forEach((element) => {
    for (const kind of ["aria-describedby", "aria-controls", "aria-labelledby"]) {
      for (const id of (element.getAttribute(kind) || "").split(/\s+/).filter(Boolean)) {
        if (!document.getElementById(id)) faults.push(`${kind} names "${id}", which is not there`);
      }
    }
  });

  if (target) {
    const inRunningText = (link) => {
      if (!link.matches("a") || getComputedStyle(link).display !== "inline") return false;
      const block = link.closest("p, li, td, th, dd, h1, h2, h3, div") || link.parentElement;
      const clone = block.cloneNode(true);
      clone.querySelectorAll("a, button").forEach((part) => part.remove());
      return clone.textContent.trim() !== "";
    };
    const height = (element) => {
      const boxes = [element, ...(element.labels || [])].map((part) => part.getBoundingClientRect());
      return Math.max(...boxes.map((box) => box.height));
    };
    const pressed = "a[href], button, summary, select, textarea, input:not([type=hidden])";
    document.querySelectorAll(`:is(main, nav, header) :is(${pressed})`).forEach((element) => {
      if (!shown(element) || hiddenFromAll(element) || inRunningText(element)) return;
      if (height(element) < target) faults.push(`${Math.round(height(element))} px high: ${words(element)}`);
    });
  }
  return faults;
}
"""


def faults_of(page: Page, *, lang: str = "ja", for_fingers: bool = True) -> list[str]:
    """Faults of the page at its present size: language, headings, width, names, groups, ids, and the size of targets."""
    page.wait_for_load_state()  # of a page that has just begun there is nothing to look at
    faults: list[str] = page.evaluate(FAULTS, {"lang": lang, "target": TARGET - ROUNDING if for_fingers else 0})
    return faults


# Every rule that axe has on: WCAG 2 A and AA and its good practice. No rule is off, no element is left out.
AXE_RUN = "() => axe.run({resultTypes: ['violations']}).then((found) => found.violations)"


def axe_faults_of(page: Page) -> list[str]:
    """Violations that axe finds on the page at its present size and in its present colours, one per element.

    axe comes in through the browser's debugger, so the page keeps its content security policy. Let the page stand still
    (reduced motion): a colour measured half-way through a transition is nobody's colour.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    violations: list[dict[str, Any]] = page.evaluate(AXE_RUN)
    return [
        f"axe {rule['id']}: {rule['help']}: {element['html'][:140]}: {' '.join(element['failureSummary'].split())}"
        for rule in violations
        for element in rule["nodes"]
    ]


def unfold(page: Page) -> None:
    """Open every menu, fold and dialog of the page: axe looks only at what is shown."""
    page.evaluate(
        """() => {
          document.querySelectorAll("details").forEach((fold) => { fold.open = true; });
          document.querySelectorAll("dialog:not([open])").forEach((dialog) => dialog.show());
        }"""
    )
