"""How well text can be told from what it stands on."""

#: Text on the page with its colour and the ground behind it, both as they are drawn.
TEXTS = """root => {
  const parse = text => {
    const [r, g, b, a] = text.match(/[\\d.]+/g).map(Number);
    return { rgb: [r, g, b], alpha: a ?? 1 };
  };
  const mix = (above, below, alpha) => above.map((c, i) => alpha * c + (1 - alpha) * below[i]);
  const texts = [];
  for (const element of root.querySelectorAll('*')) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    const field = element.matches('input');
    if (!(own || field) || !element.checkVisibility() || element.closest('option, style')) continue;
    if (element.disabled) continue;
    const style = getComputedStyle(element);
    const isSvg = element instanceof SVGElement;
    const source = field ? getComputedStyle(element, '::placeholder') : style;
    const colour = parse(isSvg ? style.fill : source.color);
    let ground = null;
    let opacity = colour.alpha;
    for (let at = element; at; at = at.parentElement) {
      const s = getComputedStyle(at);
      const back = parse(s.backgroundColor);
      if (!ground && back.alpha > 0.5) ground = back.rgb;
      opacity *= Number(s.opacity);
    }
    ground ??= parse(getComputedStyle(root.host ?? document.body).backgroundColor).rgb;
    texts.push([element.textContent.slice(0, 30), mix(colour.rgb, ground, opacity), ground]);
  }
  return texts;
}"""


def luminance(colour):
    """Relative luminance (WCAG 2)."""
    parts = [c / 255 for c in colour]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    """From 1 to 21 (WCAG 2)."""
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def texts(tab, root):
    """Of what is under `root`, an expression: (text, its colour, its ground)."""
    return tab.evaluate(f"({TEXTS})({root})")
