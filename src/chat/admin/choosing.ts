import type { Desk, DeskCaller, DeskForm, FormValues } from '../desk.ts';
import { InvalidError } from '../errors.ts';
import { foldedOptions, spreadErrors, spreadValues, withOptionFields } from '../option-fields.ts';
import type { AdminAnswer, AskedForm } from './answer.ts';
import { type GivenNow, type Placed, placedNow } from './placed.ts';

/** Forms of rows whose options depend on a choice: drawn with a field for each, and put together again. */
export interface Choosing {
  /** The form of a row, to be drawn. Throws what the desk throws. */
  form(asked: AskedForm, by: DeskCaller): Promise<DeskForm>;
  /** Does something with what was filled in, as the desk takes it. Its `InvalidError` names the fields of the form. */
  folded<T>(
    sent: { readonly asked: AskedForm; readonly values: FormValues },
    by: DeskCaller,
    work: (values: FormValues) => Promise<T>,
  ): Promise<T>;
  /** What a line gave, where the form asks for it now. Throws what the desk throws. */
  placed(asked: AskedForm, by: DeskCaller, now: GivenNow): Promise<Placed>;
  /** The answer, with what it gives of options at their fields. */
  spread(answer: AdminAnswer, by: DeskCaller): Promise<AdminAnswer>;
}

export function createChoosing(desk: Desk): Choosing {
  return {
    async form({ path, id }, by) {
      const [found, options] = await Promise.all([desk.form(path, by, id), desk.options(path, by)]);
      return options === undefined ? found : { ...found, form: withOptionFields(found.form, options) };
    },
    async folded({ asked: { path, id }, values }, by, work) {
      const options = await desk.options(path, by);
      if (options === undefined) return await work(values);
      const { form } = await desk.form(path, by, id);
      try {
        return await work(foldedOptions(form, options, values));
      } catch (error) {
        if (!(error instanceof InvalidError)) throw error;
        throw new InvalidError(spreadErrors(form, options, { values, errors: error.fields }));
      }
    },
    async placed({ path, id, action }, by, now) {
      if (action !== undefined) return { values: { ...now.given, ...now.filled }, later: {}, notes: [] };
      const [{ form }, options] = await Promise.all([desk.form(path, by, id), desk.options(path, by)]);
      return placedNow({ form, options }, now);
    },
    async spread(answer, by) {
      if (answer.type !== 'form' || answer.asked.action !== undefined) return answer;
      const { asked, values, errors } = answer;
      const options = await desk.options(asked.path, by);
      if (options === undefined) return answer;
      const { form } = await desk.form(asked.path, by, asked.id);
      return {
        ...answer,
        given: values,
        values: spreadValues(form, options, values),
        errors: spreadErrors(form, options, { values, errors }),
      };
    },
  };
}
