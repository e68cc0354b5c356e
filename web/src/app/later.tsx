/** A part of the page that is fetched when it is first shown; one that cannot be fetched says so, and closes. */
import { useEffect, useState, type FunctionComponent } from 'react';
import { useText } from '../i18n';
import { useToast } from '../ui';

interface Closable {
  onClose(): void;
}

export function later<P extends Closable>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> {
  let fetched: FunctionComponent<P> | null = null;

  return function Later(props: P) {
    const [Part, setPart] = useState(() => fetched);
    const [missing, setMissing] = useState(false);

    useEffect(() => {
      if (fetched !== null) return;
      let wanted = true;
      load().then(
        (part) => {
          fetched = part;
          if (wanted) setPart(() => part);
        },
        () => wanted && setMissing(true),
      );
      return () => {
        wanted = false;
      };
    }, []);

    if (missing) return <Missing onClose={props.onClose} />;
    return Part && <Part {...props} />;
  };
}

function Missing({ onClose }: Closable) {
  const t = useText();
  const showToast = useToast();
  useEffect(() => {
    showToast(t('app.partMissing'), 'error');
    onClose();
  }, [t, showToast, onClose]);
  return null;
}
