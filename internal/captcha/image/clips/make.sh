#!/bin/sh
# Makes the clips beside it: « Votre code : », every sign of the alphabet and a murmur, spoken in
# French by several espeak-ng voices, 16 kHz µ-law, one folder for each voice.
# Needs espeak-ng and sox. See README.md for the licence, and for how to take
# recorded voices instead.
set -eu
cd "$(dirname "$0")"

signs="A F H J L U W X 3 5 7 8 9"
# Ordinary French without a letter or digit name in it, so that no sign is heard
# which is not part of the answer.
murmur="Demain matin nous irons voir la mer par le petit chemin, derrière la maison \
du garde. Le vent souffle fort depuis hier soir, mais les bateaux rentrent quand même \
avant la pluie. Personne ne demande jamais combien de temps il faut pour revenir."

speak() { # voice, text, file, what sox does with it
	voice=$1 text=$2 file=$3
	shift 3
	espeak-ng -v "$voice" -s 140 --stdout "$text" |
		sox -D -t wav - -r 16000 -c 1 -e mu-law -b 8 "$file" "$@"
}

for voice in fr fr+f2 fr+m1 fr-be+m3 fr-ch+f4; do
	folder=$(echo "$voice" | tr + -)
	mkdir -p "$folder"
	for sign in $signs; do
		name=$(echo "$sign" | tr A-Z a-z)
		speak "$voice" "$name" "$folder/$sign.wav" \
			norm -3 silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse
	done
	speak "$voice" "Votre code :" "$folder/intro.wav" norm -3 silence 1 0.01 0.5% reverse silence 1 0.01 0.5% reverse
	speak "$voice" "$murmur" "$folder/murmur.wav" norm -3 silence -l 1 0.01 0.5% -1 0.05 1% trim 0 4
done
