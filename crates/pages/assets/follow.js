// Follows work that takes a while: the part of the page that shows its progress is replaced by a fresh one, and the page is
// loaded again when the work has ended. Without scripts the page loads itself again.

const PAUSE = 1000;
const AFTER_FAILURE = 5000;

async function look() {
  const shown = document.querySelector("[data-follow]");
  if (!shown) return;
  let pause = Number(shown.dataset.pause) || PAUSE;
  try {
    const response = await fetch(shown.dataset.follow, { headers: { accept: "text/html" }, redirect: "error" });
    if (response.status === 204) return location.reload();
    if (response.ok) {
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById(shown.id);
      if (!fresh) return location.reload();
      if (!shown.isEqualNode(fresh)) shown.replaceWith(document.adoptNode(fresh));
    } else {
      pause = AFTER_FAILURE;
    }
  } catch {
    // The connection is lost, or the session has ended; the work goes on.
    pause = AFTER_FAILURE;
  }
  setTimeout(look, pause);
}

setTimeout(look, PAUSE);
