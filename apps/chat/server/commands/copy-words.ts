/** How far a copy is, for people. */
export function copyWords(what: string, done: number, total: number): string {
  const share = total === 0 ? 1 : done / total;
  return `${what} ${Math.floor(share * 100)} % (${done} of ${total} pages)`;
}

export function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

export function shareOf(done: number, total: number): string {
  return `${total === 0 ? 100 : Math.floor((done / total) * 100)} %`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toLocaleString("en", { maximumFractionDigits: 1 })} MB`;
}

/** A number of things, as the subject of a sentence. */
export function are(count: number): string {
  return `${count.toLocaleString("en")} ${count === 1 ? "is" : "are"}`;
}
