/** Arrow keys and the like on a slider. */
export function moveWithKeys(slider: HTMLElement, at: () => number, last: number, step: number, go: (value: number) => void): void {
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
