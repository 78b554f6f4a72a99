/**
 * What pages make links of: an address, however it begins, and what is written as a link, whose address may be spelled
 * so that it is none before the markup is read. A name of a site with `www.` is one to people.
 */
const LINK = /https?:|www\.[\p{L}\p{N}]|\]\(/iu;

/** Line breaks, backslashes and control characters as JSON has them. Those of the markup vanish where it is read. */
const ESCAPES = /\\(?:u[\da-f]{4}|.)/gi;

/** Whether there is a link in a message, whatever its body is, as JSON. Rather one too many than one too few. */
export function hasLink(json: string): boolean {
  return LINK.test(json.replaceAll(ESCAPES, ""));
}
