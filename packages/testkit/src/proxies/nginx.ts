import { findProgram } from "../find-program.ts";
import { startProxyProgram, type ProxyProgram } from "./proxy-program.ts";

/** nginx's `server` block with nothing but where to pass to; all else is the program's default. */
export function nginxDefaultSite(upstreamPort: number): (port: number) => string {
  return (port) => `
server {
  listen 127.0.0.1:${port};
  location / {
    proxy_pass http://127.0.0.1:${upstreamPort};
  }
}`;
}

/**
 * Starts nginx with Debian's settings and one site, which is written for the port it shall listen on. One
 * process, so that nothing of it can outlive the test.
 */
export async function startNginx(site: (port: number) => string): Promise<ProxyProgram> {
  return await startProxyProgram({
    program: findProgram("nginx"),
    args: (file, folder) => ["-p", folder, "-c", file, "-e", "stderr"],
    configuration: (port, folder) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr;
events {
  worker_connections 768;
}
http {
  sendfile on;
  tcp_nopush on;
  types_hash_max_size 2048;
  default_type application/octet-stream;
  access_log off;
  gzip on;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
${site(port)}
}
`,
  });
}
