/** What leaves the page: text onto the clipboard, files, addresses, snippets. */

/** Text onto the clipboard; whether it is there. A page in a frame, or of an older browser, may only have the older way. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByCommand(text);
  }
}

function copyByCommand(text: string): boolean {
  const back = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.setAttribute("aria-hidden", "true");
  area.style.cssText = "position:fixed;top:0;left:0;opacity:0";
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    if (back instanceof HTMLElement) back.focus();
  }
}

/** Hand a file to the reader. */
export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A name for a file from the title of the page. */
export function fileName(title: string, ending: string): string {
  const plain = title
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
  return `${plain.toLowerCase() || "unknot"}.${ending}`;
}

/** A few lines of HTML that put this page, at this moment, into another one. */
export function embedSnippet(address: string, title: string): string {
  const escaped = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<iframe src="${escaped(address)}" title="${escaped(title)}" width="100%" height="720" style="border:0" loading="lazy" allow="fullscreen"></iframe>`;
}

/** The address for the snippet: a file on this machine is named alone, to lie beside the blog's page. */
export function embedAddress(location: Location, hash: string): string {
  const page =
    location.protocol === "file:" ? location.pathname.split("/").pop() || "page.html" : location.href.split("#")[0];
  return hash ? `${page}#${hash}` : page;
}
