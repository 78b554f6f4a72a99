/** Whether the chat's page stands at an address, and not another page of the server or one without a script. */
export function isPageAddress(url: URL, basePath: string): boolean {
  if (!url.pathname.startsWith(basePath) || url.searchParams.has("live")) return false;
  const name = url.pathname.slice(basePath.length);
  return name === "" || name === "index.html" || name.startsWith("r/");
}
