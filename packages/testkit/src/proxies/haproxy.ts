import { findProgram } from "../find-program.ts";
import { startProxyProgram, type ProxyProgram } from "./proxy-program.ts";

/** haproxy's sections with nothing but where to listen and where to pass to. */
export function haproxyDefaultSite(upstreamPort: number): (port: number) => string {
  return (port) => `
frontend site
  bind 127.0.0.1:${port}
  default_backend parlor

backend parlor
  server one 127.0.0.1:${upstreamPort}
`;
}

/** Starts haproxy with Debian's defaults, time limits included, and the sections of a site. */
export async function startHaproxy(site: (port: number) => string): Promise<ProxyProgram> {
  return await startProxyProgram({
    program: findProgram("haproxy"),
    args: (file) => ["-db", "-q", "-f", file],
    configuration: (port) => `
defaults
  mode http
  option dontlognull
  timeout connect 5000
  timeout client  50000
  timeout server  50000
${site(port)}`,
  });
}
