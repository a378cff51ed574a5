/** What the menu does, for a viewer. */
import { copyText } from "./export/copy";
import { download, fileName } from "./export/download";
import { embedAddress, embedSnippet } from "./export/embed";
import { FilmPaper } from "./export/film";
import { legendOf } from "./export/legend";
import type { Exports } from "./export/menu";
import { pngOf } from "./export/png";
import { svgText } from "./export/svg";
import { record } from "./export/webm";
import { formatHash } from "./state/hash";
import type { Viewer } from "./viewer";

/** Pixels of a saved picture for one of the page, at least. */
const SHARP = 2;

export function exportsOf(viewer: Viewer): Exports {
  const { title } = viewer.scene;
  const hash = (): string => formatHash(viewer.get(), viewer.initial);
  const copy = async (text: string, done: string): Promise<void> => {
    if (await copyText(text)) return viewer.say(done);
    viewer.say("The browser forbids copying here: copy it from the box.");
    prompt("Copy:", text);
  };
  return {
    png: () => {
      const canvas = viewer.drawnCanvas(SHARP);
      const legend = legendOf(viewer.sceneries[0], viewer.get(), viewer.theme, canvas.clientWidth);
      void pngOf(canvas, viewer.overlay, viewer.theme, legend).then((blob) => download(blob, fileName(title, "png")));
    },
    svg: () => {
      const text = svgText(viewer.sceneries, viewer.places(), viewer.overlay, viewer.get(), viewer.theme);
      download(new Blob([text], { type: "image/svg+xml" }), fileName(title, "svg"));
    },
    webm: () => void film(viewer),
    link: () => void copy(`${location.href.split("#")[0]}${hash() ? "#" + hash() : ""}`, "Link copied."),
    embed: () => void copy(embedSnippet(embedAddress(location, hash()), title), "Snippet copied."),
  };
}

/** Plays once from the input to the output and keeps what is seen. */
async function film(viewer: Viewer): Promise<void> {
  const paper = new FilmPaper(viewer.drawnCanvas());
  const recording = record(paper.canvas);
  if (!recording) return viewer.say("This browser cannot record films.");
  const { loop, t } = viewer.get();
  viewer.player.pause();
  viewer.store.set({ t: 0, loop: false });
  viewer.say("Recording: the film is saved when the play ends.");
  const paint = (): void => {
    const { what, why } = viewer.words();
    paper.draw(viewer.canvas, viewer.overlay, what, why, viewer.theme);
  };
  viewer.afterDraw = paint;
  viewer.player.play("layers");
  await new Promise<void>((resolve) => {
    const wait = setInterval(() => {
      if (viewer.player.playing) return;
      clearInterval(wait);
      resolve();
    }, 100);
  });
  viewer.afterDraw = null;
  const blob = await recording.stop();
  viewer.store.set({ loop, t });
  download(blob, fileName(viewer.scene.title, recording.ending));
  viewer.say("The film is saved.");
}
