/** What is taken away of a training and brought back: a run for Python, code with the weights, JSON. */
import { download, fileName } from "../export/sharing";
import { kerasCode, torchCode } from "../training/code";
import { asJson, networkFile } from "../training/network_file";
import { MOST_BYTES, openNetwork } from "../training/reading";
import { runFile } from "../training/saving";
import type { Studio } from "../training/studio";
import { h } from "./dom";
import type { Host } from "./panel";

export function takingButtons(host: Host): HTMLElement[] {
  const { title } = host.file;
  const act = (work: (studio: Studio) => void) => (): void => {
    const studio = host.studio();
    if (studio) work(studio);
  };
  const save = (text: string | Uint8Array<ArrayBuffer>, name: string, ending: string, said: string): void => {
    download(new Blob([text]), fileName(`${title} ${name}`, ending));
    host.say(said);
  };
  const run = h(
    "button",
    {
      type: "button",
      title: "A run that uk.load opens in Python, with every kept moment",
      onclick: act((studio) => {
        const bytes = runFile(title, studio.run, studio.settings, host.store.state.start);
        save(bytes, "run", "safetensors", "The run is saved: uk.load opens it in Python.");
      }),
    },
    "Save run",
  );
  const choices: Record<string, (studio: Studio) => void> = {
    "Keras code": (studio) => {
      const file = networkFile(studio.run, studio.shown);
      save(
        kerasCode(title, file),
        "keras",
        "py",
        "The network that is shown is saved as Keras code, with its weights.",
      );
    },
    "PyTorch code": (studio) => {
      const file = networkFile(studio.run, studio.shown);
      save(
        torchCode(title, file),
        "torch",
        "py",
        "The network that is shown is saved as PyTorch code, with its weights.",
      );
    },
    JSON: (studio) => {
      const { start, trained } = host.store.state;
      const text = asJson(networkFile(studio.run, studio.shown), studio.settings, start, trained);
      save(text, "network", "json", "The network that is shown is saved as JSON; Open … brings it back.");
    },
    "Open a run or JSON …": () => input.click(),
  };
  const select = h("select", {
    "aria-label": "Save as code, or open",
    onchange: () => {
      const choice = choices[select.value];
      select.selectedIndex = 0;
      act(choice)();
    },
  });
  select.append(h("option", { value: "" }, "Save as code, open …"));
  for (const name of Object.keys(choices)) select.append(h("option", { value: name }, name));
  const input = h("input", {
    type: "file",
    accept: ".safetensors,.json",
    hidden: true,
    "aria-label": "A run or a network from a file",
    onchange: () => {
      const [file] = input.files ?? [];
      input.value = "";
      if (file) void open(host, file);
    },
  });
  return [run, select, input];
}

/** The file never leaves the page. */
async function open(host: Host, file: File): Promise<void> {
  if (file.size > MOST_BYTES) {
    host.say(`This file has ${Math.round(file.size / 1e6)} MB; a network that the page trains has less than 200.`);
    return;
  }
  const studio = host.studio();
  if (!studio) return;
  let bytes: ArrayBuffer;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    host.say("The browser could not read this file. Choose it again.");
    return;
  }
  studio.pause();
  const run = openNetwork(studio.run, bytes);
  if (typeof run === "string") host.say(run);
  else host.edit(run);
}
