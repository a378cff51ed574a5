/** What a worker does: one training that goes on, or jobs that are each done to their end. */
import { type Bench, type Job, workOn } from "./jobs";
import { type Request, Server } from "./server";

type Message =
  | Request
  | { readonly kind: "bench"; readonly bench: Bench }
  | { readonly kind: "job"; readonly job: Job };

export function listen(): void {
  const server = new Server();
  let bench: Bench | null = null;
  addEventListener("message", ({ data }: MessageEvent<Message>) => {
    if (data.kind === "bench") bench = data.bench;
    else if (data.kind === "job") {
      const work = workOn(bench!, data.job);
      work.go(() => false);
      postMessage(work.done());
    } else {
      const news = server.answer(data);
      if (news) postMessage(news);
    }
  });
}
