/** The page for an address that leads nowhere; `%BASE%` is the way home. */
export const MISSING_PAGE = noticePage(
  "Nothing here",
  `<p>There is no page at this address. A room's address looks like <code>%BASE%r/lobby</code>.</p>
<p><a href="%BASE%">Go to the chat</a> · <a href="%BASE%tutorial">Read the tutorial</a></p>`,
);

/** In place of the chat page where it was not built; the rooms are served all the same. */
export const UNBUILT_PAGE = noticePage(
  "The page is not built",
  `<p>The rooms are served, but the chat page is missing: <code>npm start</code> builds it.</p>
<p><a href="%BASE%tutorial">Read the tutorial</a></p>`,
);

function noticePage(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 17px/1.6 system-ui, sans-serif; color: light-dark(#16211d, #e4ebe7); background: light-dark(#f6f8f6, #0f1412); }
body { margin: 18vh auto 0; padding: 0 1.5rem; max-width: 32rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .75rem; }
code { font: .92em ui-monospace, monospace; }
a { color: light-dark(#0b6350, #74d6b8); }
</style>
</head>
<body>
<h1>${title}</h1>
${content}
</body>
</html>
`;
}
