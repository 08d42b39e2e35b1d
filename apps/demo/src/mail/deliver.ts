import { createTransport } from "nodemailer";
import type { Mail } from "../tasks.ts";

/** The environment variable that tells workers where the SMTP server is. */
export const SMTP_VARIABLE = "UMBEL_DEMO_SMTP";

const FROM = "flights@umbel.invalid";
const TO = "operations@umbel.invalid";
const TIMEOUT_MS = 10_000;

/**
 * Send `mail` over SMTP; resolves when the server has taken it.
 *
 * @throws what SMTP or the network refuse it with.
 */
export async function deliver(mail: Mail & { readonly id: string }): Promise<void> {
  const transport = createTransport({
    url: process.env[SMTP_VARIABLE] ?? "smtp://127.0.0.1:25",
    ignoreTLS: true,
    connectionTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
  const { subject, text, id } = mail;
  await transport.sendMail({ from: FROM, to: TO, subject, text, messageId: `<${id}@umbel.invalid>` });
}
