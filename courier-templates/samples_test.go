package mail

import "efpconnect.example/internal/lifetime"

// What most tests begin with: a whole mail, of which each test changes what it is about.

func constants() Constants {
	return Constants{
		PublicURL:        "https://efpconnect.example.test/",
		EnvironmentLabel: "RCT",
		Ministry:         "Ministère|du Travail,|du Plein emploi|et de l’Insertion",
		ServiceName:      "EFP Connect",
		AssistanceURL:    "https://assistance.example.test/?de=mail&langue=fr",
		Sender:           "no-reply+efp@example.test",
		CodeLifetime:     lifetime.Code,
	}
}

func data(traits map[string]any) Data {
	return Data{
		To:               "camille.serve@example.test",
		RecoveryCode:     "238392",
		Identity:         map[string]any{"traits": traits},
		TransientPayload: map[string]any{"suite": "MTc2-NDAw_MA", "asked_at": "24 novembre 2026 à 10 h 32", "device": "Firefox sur Windows"},
	}
}

func camille() map[string]any {
	return map[string]any{"email": "camille.serve@example.test", "title": "Madame", "given_name": "Camille", "family_name": "Serve"}
}
