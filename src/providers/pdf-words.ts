import { z } from 'zod';

/** What the program that reads a PDF found. `encrypted`: a password is needed; `broken`: it cannot be read. */
export const pdfFound = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    /** The text of its pages, each under its number. */
    text: z.string(),
    pages: z.number(),
    /** Pages whose text is given. */
    pagesRead: z.number(),
  }),
  z.object({ type: z.literal('encrypted') }),
  z.object({ type: z.literal('broken') }),
]);

export type PdfFound = z.infer<typeof pdfFound>;
