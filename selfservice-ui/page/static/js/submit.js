// A form that only carries on what the person has asked for sends itself; its button stays for who has no JavaScript.
document.querySelector('form[data-efp-submit]')?.requestSubmit();
