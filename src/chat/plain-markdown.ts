/** A name where Markdown is read: shown as it is written. What is HTML or a mention somewhere, adapters see to. */
export function plainMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]~]/g, (mark) => `\\${mark}`);
}
