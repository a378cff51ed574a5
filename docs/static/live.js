// Opens the live page in its frames, in the colours that the site has at that moment.
for (const frame of document.querySelectorAll("iframe[data-live]")) {
  const { theme } = document.documentElement.dataset;
  const colours = theme === "dark" || theme === "light" ? `&theme=${theme}` : "";
  frame.src = frame.dataset.live + colours;
}
