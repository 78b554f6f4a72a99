/**
 * What goes over the line, as far as a page can know it. A browser shows a page neither the headers that
 * it sends nor the frames of a socket; these rebuild them from what they are known to hold.
 */

const encoder = new TextEncoder();

/** @param {string} text */
export function utf8Bytes(text) {
  return encoder.encode(text).length;
}

/**
 * Bytes of a request's head: what the page sets, and what browsers add of their own.
 *
 * @param {string} method
 * @param {URL} url
 * @param {Readonly<Record<string, string>>} headers those that the page sets
 * @param {{ userAgent: string, language: string, referrer: string }} browser
 */
export function requestHeadBytes(method, url, headers, browser) {
  const added = {
    Host: url.host,
    Connection: "keep-alive",
    "User-Agent": browser.userAgent,
    Accept: "*/*",
    "Accept-Language": browser.language,
    "Accept-Encoding": "gzip, deflate, br, zstd",
    Referer: browser.referrer,
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "same-origin",
    ...(method === "GET" ? {} : { Origin: url.origin }),
    ...headers,
  };
  return headBytes(`${method} ${url.pathname}${url.search} HTTP/1.1`, added);
}

/**
 * Bytes of the request that opens a WebSocket, and of the answer that accepts it.
 *
 * @param {URL} url
 * @param {{ userAgent: string, language: string, referrer: string }} browser
 */
export function upgradeBytes(url, browser) {
  const request = {
    Host: url.host,
    Connection: "Upgrade",
    Pragma: "no-cache",
    "Cache-Control": "no-cache",
    "User-Agent": browser.userAgent,
    Upgrade: "websocket",
    Origin: url.origin.replace(/^ws/, "http"),
    "Sec-WebSocket-Version": "13",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": browser.language,
    "Sec-WebSocket-Key": "x".repeat(24),
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
  };
  const answer = { Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Accept": "x".repeat(28) };
  return (
    headBytes(`GET ${url.pathname}${url.search} HTTP/1.1`, request) +
    headBytes("HTTP/1.1 101 Switching Protocols", answer)
  );
}

/**
 * Bytes of one WebSocket text frame: what a browser sends is masked, which takes four bytes more.
 *
 * @param {string} text
 * @param {"sent" | "received"} direction
 */
export function frameBytes(text, direction) {
  const payload = utf8Bytes(text);
  const length = payload < 126 ? 0 : payload < 65_536 ? 2 : 8;
  return 2 + length + (direction === "sent" ? 4 : 0) + payload;
}

/**
 * Bytes of one event of an event stream, as one chunk of its answer.
 *
 * @param {string} id
 * @param {string} data
 */
export function eventBytes(id, data) {
  const lines = data.split("\n").map((line) => `data: ${line}\n`);
  const bytes = utf8Bytes(`id: ${id}\n${lines.join("")}\n`);
  return bytes + bytes.toString(16).length + 4;
}

/**
 * @param {string} firstLine
 * @param {Readonly<Record<string, string>>} headers
 */
function headBytes(firstLine, headers) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return utf8Bytes(`${firstLine}\r\n${lines.join("")}\r\n`);
}
