/** Elements, made in one call; buttons, their pictures, sliders. Text is always text. */

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: never) => void)>;

export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** `onclick` and the like listen; true is an attribute without a value; null and false are none. */
function fill<T extends Element>(element: T, attributes: Attributes, children: readonly Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    // Not as an attribute: a content security policy may forbid those.
    else if (name === "style") (element as unknown as HTMLElement).style.cssText = String(value);
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Set text only where it changed: assistive technology reads what changes. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Pointer drags on an element, from 0 to 1 along it. */
export function onDrag(
  element: HTMLElement | SVGElement,
  move: (share: number, event: PointerEvent) => void,
  done?: () => void,
): void {
  const share = (event: PointerEvent): number => {
    const box = element.getBoundingClientRect();
    return Math.min(Math.max((event.clientX - box.left) / Math.max(box.width, 1), 0), 1);
  };
  const target = element as HTMLElement;
  target.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    target.setPointerCapture(event.pointerId);
    move(share(event), event);
  });
  target.addEventListener("pointermove", (event) => {
    if (target.hasPointerCapture(event.pointerId)) move(share(event), event);
  });
  target.addEventListener("lostpointercapture", () => done?.());
}

/** A button with a picture and a name for those who do not see it. */
export function iconButton(name: IconName, label: string, press: () => void, extra = ""): HTMLButtonElement {
  return h(
    "button",
    { class: `icon ${extra}`, type: "button", "aria-label": label, title: label, onclick: press },
    icon(name),
  );
}

/** Change the picture and the name. */
export function setIcon(button: HTMLButtonElement, name: IconName, label: string): void {
  if (button.getAttribute("aria-label") === label) return;
  button.replaceChildren(icon(name));
  button.setAttribute("aria-label", label);
  button.title = label;
}

const SHAPES = {
  play: [["path", { d: "M8 5.5v13l10.5-6.5z", class: "solid" }]],
  pause: [["path", { d: "M7 5h3.6v14H7zM13.4 5H17v14h-3.6z", class: "solid" }]],
  loop: [["path", { d: "M17 3l3 3-3 3M4 12v-2a4 4 0 0 1 4-4h12M7 21l-3-3 3-3M20 12v2a4 4 0 0 1-4 4H4" }]],
  help: [
    ["path", { d: "M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2 1-1.2 1.9v.5" }],
    ["circle", { cx: 12, cy: 18, r: 1.1, class: "solid" }],
  ],
  theme: [
    ["circle", { cx: 12, cy: 12, r: 8 }],
    ["path", { d: "M12 4a8 8 0 0 1 0 16z", class: "solid" }],
  ],
  share: [["path", { d: "M12 15V3m0 0L7.5 7.5M12 3l4.5 4.5M5 12v8h14v-8" }]],
  home: [["path", { d: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5" }]],
  lasso: [
    [
      "path",
      {
        d: "M12 4c5 0 8.5 2.6 8.5 6S17 16 12 16s-8.5-2.6-8.5-6S7 4 12 4zM8 15.5c-2 .5-2 2.5 0 3s2 1.5 1 2.5",
        "stroke-dasharray": "3.2 2.6",
      },
    ],
  ],
  box: [["path", { d: "M4 6h16v12H4z", "stroke-dasharray": "3.5 2.8" }]],
  close: [["path", { d: "M6 6l12 12M18 6L6 18" }]],
} as const;

export type IconName = keyof typeof SHAPES;

export function icon(name: IconName): SVGSVGElement {
  const shapes = SHAPES[name].map(([tag, attributes]) => svg(tag, attributes));
  return svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, ...shapes);
}

/** Arrow keys and the like on a slider. */
export function moveWithKeys(
  slider: HTMLElement,
  at: () => number,
  last: number,
  step: number,
  go: (value: number) => void,
): void {
  slider.addEventListener("keydown", (event) => {
    const now = at();
    const to = {
      ArrowRight: now + step,
      ArrowUp: now + step,
      ArrowLeft: now - step,
      ArrowDown: now - step,
      PageUp: Math.floor(now + 1 + 1e-9),
      PageDown: Math.ceil(now - 1 - 1e-9),
      Home: 0,
      End: last,
    }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    go(Math.min(Math.max(to, 0), last));
  });
}
