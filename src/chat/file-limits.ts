/** What kinds of files a message can bring to the model; all other kinds are the adapter's to put into words. */
export const fileTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'application/pdf'] as const;

export type FileType = (typeof fileTypes)[number];

/**
 * What one message can bring. All of it together, as base64 and with the rest of a request, stays below
 * what vendors take in one request (32 MB at Anthropic, 50 MB at OpenAI).
 */
export const fileLimits = {
  imageBytes: 5 * 1024 * 1024,
  pdfBytes: 10 * 1024 * 1024,
  files: 5,
  totalBytes: 15 * 1024 * 1024,
} as const;

/** Why a file of this size cannot be taken, to stand after its name; undefined: it can. */
export function tooLarge(mediaType: FileType, bytes: number): string | undefined {
  const isPdf = mediaType === 'application/pdf';
  const most = isPdf ? fileLimits.pdfBytes : fileLimits.imageBytes;
  if (bytes <= most) return undefined;
  return `it has ${megabytes(bytes)}, and ${isPdf ? 'a PDF' : 'an image'} may have ${megabytes(most)}`;
}

/** Never less than it is: what is over a limit reads so. */
export function megabytes(bytes: number): string {
  return `${Math.ceil((bytes * 10) / 1024 / 1024) / 10} MB`;
}
