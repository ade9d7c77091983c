import QtQuick
import "../theme"

// What a visitor hears: the loudspeaker, and each ear of the headphones.
Desk {
    id: page

    title: Words.text("maintenance.sound.title")

    FailedLine {}
    PanelTry {
        part: "speaker"
        steps: [Words.text("maintenance.steps.speaker_1")]
        test: "speaker"
    }
    TestPanel {
        id: headphones

        steps: [1, 2].map(step => Words.text("maintenance.steps.headphones_" + step))
        test: "headphones"

        SaidLine {
            objectName: "label:plugged"
            text: Words.text(Bridge.state.plugged ? "maintenance.sound.plugged" : "maintenance.sound.unplugged")
        }
        Row {
            spacing: Theme.gap

            TryButton {
                part: "headphones_left"
                text: Words.text("maintenance.sound.left")
                width: Math.floor((headphones.inner - Theme.gap) / 2)
            }
            TryButton {
                part: "headphones_right"
                text: Words.text("maintenance.sound.right")
                width: Math.floor((headphones.inner - Theme.gap) / 2)
            }
        }
        TriedLine {
            parts: ["headphones_left", "headphones_right"]
        }
    }
}
