/** A scene that cannot be shown; the message is a sentence for the reader of the page. */
export class SceneError extends Error {}
