/** Short news at the page's edge: what an action came to, where the place that it began in is gone. */
import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import { useText } from '../i18n';
import { Icon } from '../icons/Icon';
import { IconButton } from './Button';
import './toasts.css';

interface Toast {
  id: number;
  text: string;
  look: 'plain' | 'error';
}

/** Long enough to be read twice; an error stays until it is closed. */
const SHOWN_MS = 6000;
const MOST = 3;

type ShowToast = (text: string, look?: Toast['look']) => void;

const ToastContext = createContext<ShowToast>(() => undefined);

export function useToast(): ShowToast {
  return useContext(ToastContext);
}

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const lastId = useRef(0);

  const close = useCallback((id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id)), []);
  const show = useCallback<ShowToast>(
    (text, look = 'plain') => {
      const id = ++lastId.current;
      setToasts((shown) => [...shown.filter((toast) => toast.text !== text), { id, text, look }].slice(-MOST));
      if (look === 'plain') setTimeout(() => close(id), SHOWN_MS);
    },
    [close],
  );

  const list = useMemo(() => <ToastList toasts={toasts} onClose={close} />, [toasts, close]);
  return (
    <ToastContext.Provider value={show}>
      {children}
      {list}
    </ToastContext.Provider>
  );
}

/** The region is there before the first toast: a screen reader hears only changes of what it knows. */
function ToastList({ toasts, onClose }: { toasts: readonly Toast[]; onClose: (id: number) => void }) {
  const t = useText();
  return (
    <div className="toasts" role="log" aria-live="polite" aria-label={t('toasts.label')}>
      {toasts.map(({ id, text, look }) => (
        <div key={id} className={`toast toast--${look}`}>
          {look === 'error' && <Icon name="failed" />}
          <p dir="auto">{text}</p>
          <IconButton icon="close" label={t('action.close')} onClick={() => onClose(id)} />
        </div>
      ))}
    </div>
  );
}
