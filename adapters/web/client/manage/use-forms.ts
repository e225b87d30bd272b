import { useEffect, useState } from 'react';
import { type ResourceForm, readForms } from './rest.ts';

/** What this person may see of the things that admins manage; undefined until it is known. */
export function useForms(): readonly ResourceForm[] | undefined {
  const [forms, setForms] = useState<readonly ResourceForm[]>();
  useEffect(() => {
    readForms().then(
      (resources) => setForms(resources.filter(({ may }) => may.view)),
      () => setForms([]),
    );
  }, []);
  return forms;
}
