import type { OperatorApi } from "./operator-api.ts";

/**
 * Has the browser save an export: it writes down what comes as it comes, however much, and shows how far it is. A link
 * carries no key, so it has a pass for this one thing.
 * @throws {Refused}
 */
export async function download(
  api: OperatorApi,
  name: "export" | "export-identity",
  params: Readonly<Record<string, string>>,
): Promise<void> {
  const { pass } = await api.post<{ readonly pass: string }>(`${name}-pass`, params);
  const link = document.createElement("a");
  link.href = api.address("download", { pass });
  // As what the server names it, and not as a page.
  link.download = "";
  link.click();
}
