import { measured } from "./measured.ts";

const KEY = "parlor.key";

/**
 * The least that the protocol asks of a page that keeps who it is: its key is read, and a WebSocket is made with the whole
 * opening. It checks nothing, and hears no second message.
 */
measured(
  (heard) =>
    new Promise((resolve) => {
      let key = localStorage.getItem(KEY);
      if (key === null) {
        key = toBase64Url(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))));
        localStorage.setItem(KEY, key);
      }
      const hello = JSON.stringify({ type: "hello", version: 1, key, producer: "bench-page" });
      const subscribe = JSON.stringify({ type: "subscribe", room: "bench", last: 1 });
      const opening = toBase64Url(`${hello}\n${subscribe}`);
      const socket = new WebSocket(`ws://${location.host}/connect`, [
        "parlor.v1",
        "parlor.v1.opened",
        `parlor.v1.opening.${opening}`,
      ]);
      socket.onmessage = ({ data }: MessageEvent<string>) => {
        if (!data.startsWith('{"type":"messages"')) return;
        heard("websocket");
        socket.close();
        resolve();
      };
    }),
);

function toBase64Url(text: string): string {
  return btoa(text).replace(/[+/=]/g, (sign) => ({ "+": "-", "/": "_" })[sign] ?? "");
}
