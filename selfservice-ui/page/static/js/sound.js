// « Écouter le code »: plays on the page instead of opening the sound elsewhere, so that nothing typed is left behind. A player that
// knows µ-law is given half the bytes.
const small = new Audio().canPlayType('audio/wav; codecs="7"') !== '';

const play = (link) => {
  let player = link.parentElement.querySelector('audio');
  if (!player) {
    player = document.createElement('audio');
    player.controls = true;
    player.setAttribute('aria-label', link.textContent);
    player.src = small ? link.dataset.efpSmall : link.href;
    link.parentElement.append(player);
  }
  player.currentTime = 0;
  player.play();
};

// equip makes the links of a part of the page play.
export const equip = (part) => {
  for (const link of part.querySelectorAll('[data-efp-sound]')) {
    link.removeAttribute('target');
    link.removeAttribute('title');
    link.setAttribute('role', 'button');
    link.addEventListener('click', (event) => { event.preventDefault(); play(link); });
    link.addEventListener('keydown', (event) => { if (event.key === ' ') { event.preventDefault(); play(link); } });
  }
};
equip(document);
