/** Methods that Node's parser knows, `CONNECT` left out: its answer is no answer to an address. */
export const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
  "M-SEARCH",
  "QUERY",
  "PURGE",
  "SEARCH",
] as const;
