import { z } from 'zod';

/** The formats of texts that are checked. */
export const knownFormats = ['email', 'uri', 'date', 'date-time'] as const;
export type KnownFormat = (typeof knownFormats)[number];

const dateTime = z.iso.datetime({ offset: true });
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  email: (text) => z.email().safeParse(text).success,
  uri: (text) => URL.canParse(text),
  date: (text) => z.iso.date().safeParse(text).success,
  'date-time': (text) => dateTime.safeParse(text).success,
};

/** Whether a text is of a format; of those that are not known, every text is. */
export function isOfFormat(text: string, format: string | undefined): boolean {
  return formats[format ?? '']?.(text) ?? true;
}
