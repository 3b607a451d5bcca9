"""The names that people have unless the scenario brings its own, from many languages, in plain letters."""

from __future__ import annotations

_GIVEN = """
Abena Adam Adela Ahmed Aiko Aisha Akin Alba Alma Amara Amina Ana Anders Anouk Anton Arjun Astrid Ayla Bao Beatriz
Bela Bilal Bruno Carmen Chidi Chiara Clara Dalia Daniel Daria David Dilan Dina Ebba Elena Elias Elif Emeka Emil
Emma Enzo Esra Esther Eva Farah Fatima Felix Femi Finn Freya Gabriel Greta Hana Hannah Haruto Hassan Hugo Ibrahim
Ida Igor Ilse Imani Ines Ingrid Irina Isaac Isabel Ismail Ivan Iwan Jakub Jamila Jana Jin Jonas Jorge Josefa Juan
Kaito Kamal Karim Katya Keiko Kofi Kwame Laila Lars Leila Lena Leo Liam Lin Linh Lucia Luka Magda Maja Malik Marco
Maren Maria Mateo Mei Milan Mina Mira Miriam Mohan Nadia Naomi Nia Nikola Nils Nina Noor Nora Olga Olu Omar Oskar
Paula Pavel Pedro Petra Pia Priya Rafael Ravi Rosa Ruth Sade Salma Samir Sana Sara Sven Tala Tariq Tessa Thabo
Theo Tomas Uma Vera Victor Wanda Wei Yara Yuki Yusuf Zahra Zoe Zuri
"""

_FAMILY = """
Abara Abe Acheampong Adeyemi Ahmad Akhtar Almeida Andersen Aslan Baker Banerjee Barbosa Bauer Becker Bello Berg
Bianchi Blanco Boateng Bondar Brand Castillo Chanda Chen Christou Cohen Conti Cooper Costa Dahl Dang Delgado
Demir Diallo Diaz Dimitrov Duarte Dubois Eriksen Eze Fabre Farouk Ferrari Fischer Flores Fontaine Fujita Garcia
Gomez Greene Gupta Haddad Hansen Haas Hill Hoang Horvat Ibarra Ibsen Ito Ivanov Jansen Jensen Jung Kamau Kaplan
Kaur Kaya Keita Khan Kim Klein Kovacs Kowalska Kraus Kumar Laine Lehto Levy Lima Lindgren Lopez Lund Mancini
Mandal Marek Martin Mbeki Mendes Meyer Mills Moreau Mori Moyo Mutua Nagy Nair Navarro Nguyen Nielsen Novak Nowak
Obi Oduya Okafor Olsen Ortega Osei Ozturk Park Patel Pavlov Pereira Petrov Popescu Quispe Rahman Ramos Reyes Rossi
Roy Saito Sakura Salazar Santos Sato Schmid Sharma Silva Singh Smith Soto Stein Suzuki Tanaka Torres Toure Traore
Tran Varga Vega Virtanen Vogel Wagner Walker Weaver Wood Wu Yamada Yilmaz Zeman Zhang
"""

GIVEN_NAMES: tuple[str, ...] = tuple(_GIVEN.split())
FAMILY_NAMES: tuple[str, ...] = tuple(_FAMILY.split())
