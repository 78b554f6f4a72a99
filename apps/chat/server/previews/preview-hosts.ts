/** Whose pages are looked at for previews: nobody's; everybody's in the public network; or those of named hosts. */
export type PreviewHosts =
  | { readonly kind: "none" }
  | { readonly kind: "public" }
  | { readonly kind: "named"; readonly names: readonly string[] };

/** `none`, `public`, or hosts' names with commas between, `*.` before one for those below it; null where it is neither. */
export function readPreviewHosts(text: string): PreviewHosts | null {
  if (text === "none" || text === "public") return { kind: text };
  const names = text.split(",").map((name) => name.trim().toLowerCase());
  return names.every(isHost) ? { kind: "named", names } : null;
}

/** Whether a page may be asked for. Whom a name of the public network stands for is looked at when it is resolved. */
export function allowsPage(hosts: PreviewHosts, url: URL): boolean {
  if (hosts.kind === "none" || !/^https?:$/.test(url.protocol)) return false;
  // Another port than that of pages is somebody's own service.
  if (hosts.kind === "public") return url.port === "";
  return hosts.names.some((name) =>
    name.startsWith("*.") ? url.hostname.endsWith(name.slice(1)) : url.hostname === name,
  );
}

function isHost(name: string): boolean {
  const host = name.replace(/^\*\./, "");
  if (host.includes("*")) return false;
  return URL.canParse(`http://${host}/`) && new URL(`http://${host}/`).host === host;
}
