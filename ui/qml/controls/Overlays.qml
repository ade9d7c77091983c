pragma ComponentBehavior: Bound
import QtQuick
import "../theme"

// Questions that lie over a screen: more time, really stop, which language.
FocusScope {
    id: overlays

    property bool choosingLanguage: false
    readonly property string kind: Bridge.state.overlay
    readonly property bool shown: kind !== "" || choosingLanguage

    onShownChanged: {
        if (shown)
            forceActiveFocus();
    }
    visible: shown

    Rectangle {
        anchors.fill: parent
        color: Theme.scrim

        MouseArea {
            anchors.fill: parent  // nothing beneath may be touched
        }
    }
    Loader {
        active: overlays.shown
        anchors.centerIn: parent
        focus: true
        sourceComponent: overlays.kind === "time_warning" ? timeWarning : overlays.kind === "stop_confirm" ? stopConfirm : languages
        width: Math.min(overlays.width - 2 * Theme.mm(11), Theme.mm(Theme.enlarged ? 440 : 290))
    }

    Component {
        id: timeWarning

        Sheet {
            id: timeWarningSheet

            iconName: "clock"
            text: Words.fill("overlay.time_help", {
                "seconds": Bridge.state.seconds
            })
            title: Words.text("overlay.time_title")

            PrimaryButton {
                objectName: "button:more_time"
                text: Words.text("overlay.time_more")
                height: timeWarningSheet.tallest
                width: timeWarningSheet.cell

                onAct: Bridge.visit.touch("more_time")
            }
            SecondaryButton {
                objectName: "button:quick_exit"
                text: Words.text("overlay.time_end")
                height: timeWarningSheet.tallest
                width: timeWarningSheet.cell

                onAct: Bridge.visit.touch("quick_exit")
            }
        }
    }
    Component {
        id: stopConfirm

        Sheet {
            id: stopConfirmSheet

            iconName: "eraser"
            text: Words.text("overlay.stop_help")
            title: Words.text("overlay.stop_title")

            PrimaryButton {
                objectName: "button:stop_cancel"
                text: Words.text("overlay.stop_no")
                height: stopConfirmSheet.tallest
                width: stopConfirmSheet.cell

                onAct: Bridge.visit.touch("stop_cancel")
            }
            SecondaryButton {
                objectName: "button:stop_confirm"
                text: Words.text("overlay.stop_yes")
                height: stopConfirmSheet.tallest
                width: stopConfirmSheet.cell

                onAct: Bridge.visit.touch("stop_confirm")
            }
        }
    }
    Component {
        id: languages

        Sheet {
            id: languagesSheet

            iconName: "languages"
            title: Words.text("overlay.language_title")

            Repeater {
                model: Bridge.site.languages

                LanguageButton {
                    required property string modelData

                    tag: modelData
                    width: languagesSheet.cell

                    onAct: {
                        overlays.choosingLanguage = false;
                        Bridge.visit.chooseLanguage(tag);
                    }
                }
            }
            SecondaryButton {
                objectName: "button:language_close"
                text: Words.text("button.close")
                width: languagesSheet.cell

                onAct: overlays.choosingLanguage = false
            }
        }
    }
}
