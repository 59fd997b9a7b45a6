package main

import (
	"strings"

	mail "efpconnect.example/courier-templates"
	reminder "efpconnect.example/internal/importer/remind/letter"
	"efpconnect.example/internal/lifetime"
	"efpconnect.example/internal/notice"
	"efpconnect.example/internal/settings"
)

// letter is one mail in one state.
type letter struct{ Name, Subject, HTML, Text string }

// mails are the code's, as much as Kratos knows of a person and as little, and the notice after a change.
func mails(set settings.Settings) ([]letter, error) {
	const site, asked = "https://efpconnect.example.test", "24 novembre 2026 à 10 h 32"
	constants := mail.Constants{PublicURL: site, EnvironmentLabel: set.EnvironmentLabel, Ministry: set.Ministry, ServiceName: set.ServiceName,
		AssistanceURL: set.AssistanceURL, Sender: set.MailSender, CodeLifetime: lifetime.Code}
	someone := map[string]any{"title": "Madame", "given_name": "Camille", "family_name": "Serve"}
	sent := map[string]any{"suite": "lien", "asked_at": asked}
	var all []letter
	for _, one := range []struct {
		name   string
		traits map[string]any
		sent   map[string]any
	}{{"code", someone, sent}, {"code-nameless", map[string]any{}, sent}, {"code-without-button", someone, map[string]any{}}} {
		m, err := mail.Render(constants, mail.RecoveryCode, mail.Data{RecoveryCode: "238392", Identity: map[string]any{"traits": one.traits}, TransientPayload: one.sent})
		if err != nil {
			return nil, err
		}
		all = append(all, letter{one.name, m.Subject, m.HTML, m.Text})
	}
	sent["device"] = "Firefox sur Windows"
	for _, kind := range mail.Kinds[1:] {
		d := mail.Data{RegistrationCode: "238392", VerificationCode: "238392", Identity: map[string]any{"traits": someone}, TransientPayload: sent}
		m, err := mail.Render(constants, kind, d)
		if err != nil {
			return nil, err
		}
		all = append(all, letter{strings.ReplaceAll(string(kind), "/", "-"), m.Subject, m.HTML, m.Text})
	}
	subject, text, html, err := notice.Render(notice.Texts{PublicURL: site, EnvironmentLabel: set.EnvironmentLabel, Ministry: set.Ministry,
		ServiceName: set.ServiceName, AssistanceURL: set.AssistanceURL, Sender: set.MailSender}, asked)
	if err != nil {
		return nil, err
	}
	all = append(all, letter{"password-changed", subject, html, text})
	return reminders(set, site, all)
}

// reminders adds the mail to people who have not come since the import.
func reminders(set settings.Settings, site string, all []letter) ([]letter, error) {
	w, err := reminder.New(reminder.Texts{PublicURL: site, EnvironmentLabel: set.EnvironmentLabel, Ministry: set.Ministry, ServiceName: set.ServiceName,
		OldPortal: set.OldPortal, AssistanceURL: set.AssistanceURL, Sender: set.MailSender, Unsubscribe: "desinscription@example.test"})
	if err != nil {
		return nil, err
	}
	for _, one := range []struct {
		name   string
		person reminder.Person
	}{{"reminder", reminder.Person{Title: "Madame", GivenName: "Camille", FamilyName: "Serve"}}, {"reminder-nameless", reminder.Person{}}} {
		m, err := w.Write(one.person)
		if err != nil {
			return nil, err
		}
		all = append(all, letter{one.name, m.Subject, m.HTML, m.Text})
	}
	return all, nil
}
