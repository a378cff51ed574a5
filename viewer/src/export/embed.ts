/** A few lines of HTML that put this page, at this moment, into another one. */
export function embedSnippet(address: string, title: string): string {
  const escape = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<iframe src="${escape(address)}" title="${escape(title)}" width="100%" height="720" style="border:0" loading="lazy" allow="fullscreen"></iframe>`;
}

/** The address for the snippet: a file on this machine is named alone, to lie beside the blog's page. */
export function embedAddress(location: Location, hash: string): string {
  const page = location.protocol === "file:" ? location.pathname.split("/").pop() || "page.html" : location.href.split("#")[0];
  return hash ? `${page}#${hash}` : page;
}
