import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../find-program.ts";

/** A certificate and its key, as files. */
export interface Certificate extends AsyncDisposable {
  readonly certificatePath: string;
  readonly keyPath: string;
  /** Both in one file, as haproxy wants them. */
  readonly bundlePath: string;
  /** The certificate itself, for a client that shall trust it. */
  readonly pem: string;
}

/** Makes a certificate of a day, signed by itself, for a name and for 127.0.0.1. */
export async function selfSignedCertificate(name = "localhost"): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), "parlor-certificate-"));
  const [certificatePath, keyPath, bundlePath] = ["certificate.pem", "key.pem", "bundle.pem"].map((file) =>
    join(folder, file),
  ) as [string, string, string];
  await promisify(execFile)(findProgram("openssl"), [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"],
    ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name},IP:127.0.0.1`],
    ...["-keyout", keyPath, "-out", certificatePath],
  ]);
  const pem = await readFile(certificatePath, "utf8");
  await writeFile(bundlePath, pem + (await readFile(keyPath, "utf8")), { mode: 0o600 });
  return {
    certificatePath,
    keyPath,
    bundlePath,
    pem,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
