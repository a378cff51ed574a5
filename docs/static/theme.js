// Light or dark is known before anything is drawn: the theme's own script says it after, and then
// the logo, the code and the keys change their sizes and all below them jumps.
{
  const { dataset } = document.documentElement;
  const isDark = dataset.mode === "dark" || matchMedia("(prefers-color-scheme: dark)").matches;
  dataset.theme ||= dataset.mode !== "light" && isDark ? "dark" : "light";
}
