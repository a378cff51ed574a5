/** The script of the worker. */
import { type Request, Server } from "./server";

const server = new Server();

addEventListener("message", ({ data }: MessageEvent<Request>) => {
  const news = server.answer(data);
  if (news) postMessage(news);
});
