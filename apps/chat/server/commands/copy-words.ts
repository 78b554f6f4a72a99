/** How far a copy is, for people. */
export function copyWords(what: string, done: number, total: number): string {
  const share = total === 0 ? 1 : done / total;
  return `${what} ${Math.floor(share * 100)} % (${done} of ${total} pages)`;
}
