/** What is asked or shown in front of everything else, on the browser's own `<dialog>`. */
import { useId, useLayoutEffect, useRef, type MouseEvent, type ReactNode, type SyntheticEvent } from 'react';
import { useText } from '../i18n';
import { IconButton } from './Button';
import './dialog.css';

interface DialogProps {
  title: string;
  /** Escape, the backdrop, the button that closes. Left out: it stays until whoever shows it takes it away. */
  onClose?: () => void;
  /** `alertdialog` interrupts: a screen reader says it at once. */
  role?: 'dialog' | 'alertdialog';
  /** A sheet stands at the end of the line, as high as the page. */
  shape?: 'window' | 'sheet';
  className?: string;
  /** Below what scrolls: what one decides. */
  footer?: ReactNode;
  children: ReactNode;
}

/** Open as long as it is rendered. The browser holds the focus inside, and gives it back at the end. */
export function Dialog(props: DialogProps) {
  const { title, onClose, role = 'dialog', shape = 'window', className = '', footer, children } = props;
  const t = useText();
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();

  // Closed while it still stands in the page: only then does the browser give the focus back.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);

  const cancelled = (event: SyntheticEvent) => {
    event.preventDefault();
    onClose?.();
  };
  // Browsers close it at the second Escape, whatever the page says about the first.
  const closedByBrowser = () => {
    if (onClose) onClose();
    else if (element.current?.isConnected) element.current.showModal();
  };
  const pressed = (event: MouseEvent) => {
    if (event.target === element.current) onClose?.();
  };

  return (
    <dialog
      ref={element}
      role={role}
      aria-labelledby={titleId}
      aria-modal="true"
      className={`dialog dialog--${shape} ${className}`}
      onCancel={cancelled}
      onClose={closedByBrowser}
      onMouseDown={pressed}
    >
      <div className="dialog-body">
        <header className="dialog-head">
          <h2 id={titleId}>{title}</h2>
          {onClose && <IconButton icon="close" label={t('action.close')} onClick={onClose} />}
        </header>
        <div className="dialog-content">{children}</div>
        {footer && <footer className="dialog-foot">{footer}</footer>}
      </div>
    </dialog>
  );
}
